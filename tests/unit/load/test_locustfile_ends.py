"""What users of a locustfile run into: bugs, blocking, stopping, executors of every kind."""

import pytest
from locust_kit import run

from nineam.errors import UsageError
from nineam.model import Phase, Scenario


def test_a_bug_ends_the_iteration_and_is_named_with_its_line(tmp_path):
    outcome = run(
        tmp_path,
        """\
        from locust import HttpUser, task, constant

        class Visitor(HttpUser):
            wait_time = constant(0.01)
            @task
            def bug(self):
                self.client.get("/")
                {}["nothing"]
        """,
    )
    (problem,) = outcome.stats.problems
    assert (problem.where, problem.message) == ("locustfile.py:8", "KeyError: 'nothing'")
    assert problem.count == outcome.stats.iterations


def test_a_bug_in_on_start_is_no_hot_loop(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, task

        class Visitor(HttpUser):
            def on_start(self):
                raise RuntimeError("no way in")
            @task
            def never(self):
                self.client.get("/")
        """,
    )
    assert outcome.problems == {"locustfile.py:6": "RuntimeError: no way in"}
    assert outcome.stats.iterations < 30
    assert not outcome.asked


def test_tasks_that_do_nothing_let_others_go_on(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, task
        from locust.exception import RescheduleTask, RescheduleTaskImmediately

        class Idle(HttpUser):
            @task
            def nothing(self): pass
            @task
            def again(self): raise RescheduleTask()
            @task
            def at_once(self): raise RescheduleTaskImmediately()

        class Busy(HttpUser):
            @task
            def home(self): self.client.get("/")
        """,
    )
    assert outcome.endpoints["GET /"].requests > 10
    assert not outcome.stats.problems


def test_a_new_user_takes_the_place_of_one_that_stops(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, task, constant
        from locust.exception import StopUser

        class Once(HttpUser):
            wait_time = constant(0.01)
            def on_start(self): self.client.get("/login")
            def on_stop(self): self.client.get("/bye")
            @task
            def once(self):
                assert self.client.cookies["session"] == "s3cret"
                raise StopUser()
        """,
    )
    logins = [each for each in outcome.asked if each.path == "/login"]
    assert len(logins) > 4
    assert all("cookie" not in each.headers for each in logins)
    assert not outcome.stats.problems


def test_every_executor_drives_them(tmp_path):
    text = """
        from locust import HttpUser, task

        class One(HttpUser):
            @task
            def one(self): self.client.get("/1st")

        class Two(HttpUser):
            def on_start(self): self.client.get("/hello")
            @task
            def two(self): self.client.get("/2nd")
            def on_stop(self): self.client.get("/bye")
        """
    shared = Scenario(name="shared", executor="shared-iterations", iterations=7, vus=3, max_duration_s=5)
    some = Scenario(name="some", executor="per-vu-iterations", iterations=2, vus=2, max_duration_s=5, exec=("Two",))
    come = Scenario(
        name="come", executor="sessions", rate=20, duration_s=0.5, iterations=3, exec=("Two",), graceful_stop_s=2
    )
    outcomes = [
        run(tmp_path, text, Phase(name="x", duration_s=5, scenarios=(scenario,))) for scenario in (shared, some, come)
    ]
    assert [each.stats.iterations for each in outcomes[:2]] == [7, 4]
    assert outcomes[1].count("GET", "/2nd") == 4
    assert outcomes[1].count("GET", "/1st") == 0
    last = outcomes[2]
    arrived = last.count("GET", "/hello")
    assert arrived > 1
    assert last.count("GET", "/2nd") == 3 * arrived
    assert last.count("GET", "/bye") == arrived


def test_an_unknown_user_class_of_a_scenario_is_named(tmp_path):
    text = """
        from locust import HttpUser, task
        class Visitor(HttpUser):
            @task
            def home(self): self.client.get("/")
        """
    scenario = Scenario(name="s", executor="constant-vus", vus=1, duration_s=1, exec=("Visitors",))
    with pytest.raises(UsageError, match="Visitors"):
        run(tmp_path, text, Phase(name="x", duration_s=1, scenarios=(scenario,)))


def test_code_that_blocks_is_named_with_its_line(tmp_path):
    outcome = run(
        tmp_path,
        """\
        import threading
        from locust import User, constant, task

        class Blocking(User):
            wait_time = constant(5)
            @task
            def block(self):
                threading.Event().wait(1.6)
        """,
        Phase(name="load", executor="constant-vus", duration_s=0.5, vus=1),
    )
    assert [(each.where, "holds every user up" in each.message) for each in outcome.stats.problems] == [
        ("locustfile.py:8", True)
    ]
