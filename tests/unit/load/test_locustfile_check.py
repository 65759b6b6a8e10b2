"""Looking at a locustfile before it runs: what is in it, what it needs, what is wrong with it."""

import sys
import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from locust_kit import written

from nineam.errors import UsageError
from nineam.load.locust import check_locustfile
from nineam.load.locust.shapes import LoadTestShape, stages_of
from nineam.model import RampStage

GOOD = """
from locust import HttpUser, task

class Visitor(HttpUser):
    host = "http://127.0.0.1:8000"
    @task
    def home(self):
        self.client.get("/")
"""


def refusal(folder, text):
    with pytest.raises(UsageError) as caught:
        check_locustfile(str(written(folder, text)))
    return caught.value


def test_host_and_users_are_known_without_running_anything(tmp_path):
    text = GOOD + "\nclass Base(Visitor):\n    abstract = True\n\nclass Admin(Base):\n    pass\n"
    before = dict(sys.modules), list(sys.path), time.sleep
    facts = check_locustfile(str(written(tmp_path, text)))
    assert facts == ("http://127.0.0.1:8000", ("Visitor", "Admin"), (), ())
    assert sys.modules.get("locust") is before[0].get("locust")
    assert sys.modules.get("gevent") is before[0].get("gevent")
    assert (sys.path, time.sleep) == before[1:]


def test_a_missing_file_names_the_nearest(tmp_path):
    written(tmp_path, GOOD)
    with pytest.raises(UsageError, match="no locustfile at") as caught:
        check_locustfile(str(tmp_path / "locustfil.py"))
    assert caught.value.hint == f"Did you mean {tmp_path / 'locustfile.py'}?"
    with pytest.raises(UsageError, match="is a folder, expected one locustfile"):
        check_locustfile(str(tmp_path))


def test_broken_python_is_shown_at_its_line(tmp_path):
    error = refusal(tmp_path, "from locust import task\n\ndef broken(:\n")
    assert error.message == "locustfile.py:3 is not Python: invalid syntax"
    assert error.details == ("def broken(:", "           ^")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "locustfile.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError):
        check_locustfile(str(tmp_path / "locustfile.py"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("import not_there_at_all", "locustfile.py:1: not_there_at_all is not installed here"),
        ("from locust.contrib.mongodb import MongoDBUser", "locust.contrib.mongodb is not offered by nineam"),
        ("from locust import HttpUsr", "locust.HttpUsr is not offered by nineam: did you mean HttpUser?"),
        ("import locust; locust.HttpUsr", "locust.HttpUsr is not offered by nineam: did you mean HttpUser?"),
        ("from locust import events; events.test_stat", "did you mean events.test_start?"),
        ("from locust.stats import stats_printer; stats_printer()", "locust.stats.stats_printer is not offered"),
        (
            "from locust import HttpLocust\nclass Old(HttpLocust): pass",
            "locustfile.py:2: locust.HttpLocust is not offered",
        ),
        ("from gevent import Timeout; Timeout(3)", "gevent.Timeout is not offered by nineam"),
        ("1 / 0", "locustfile.py:1: could not be imported: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "locustfile.py:1: could not be imported: SystemExit: 3"),
    ],
)
def test_what_fails_at_import_is_named_with_its_line(tmp_path, line, message):
    error = refusal(tmp_path, line)
    assert message in error.message
    assert error.message.startswith("locustfile.py:")
    assert error.hint
    assert error.details


def test_names_that_are_imported_and_not_used_do_no_harm(tmp_path):
    text = """
        import gevent.monkey
        gevent.monkey.patch_all()
        import locust.stats
        from locust import main, run_single_user, web
        from locust.contrib.fasthttp import FastHttpSession, RestResponseContextManager
        from locust.env import Environment
        from locust.exception import CatchResponseError, InterruptTaskSet, ResponseError, StopUser
        from locust.log import setup_logging
        from locust.runners import STATE_CLEANUP, MasterRunner, WorkerRunner
        from locust.stats import stats_history, stats_printer
        from locust.user.wait_time import between
        try:
            from locust.contrib.oai import OpenAIUser
        except ImportError:
            OpenAIUser = None
        locust.stats.PERCENTILES_TO_REPORT = [0.5]
        """
    facts = check_locustfile(str(written(tmp_path, textwrap.dedent(text) + GOOD)))
    assert facts.users == ("Visitor",)


def test_a_file_without_users_says_which_classes_there_are(tmp_path):
    error = refusal(tmp_path, "from locust import TaskSet\nclass Mine: pass\nclass Tasks(TaskSet): pass\n")
    assert error.details == ("there are: Mine, Tasks",)
    assert refusal(tmp_path, "x = 1").details[0] == "class Visitor(HttpUser):"


def test_a_user_that_cannot_run_is_named(tmp_path):
    error = refusal(tmp_path, "from locust import HttpUser\nclass Visitor(HttpUser): pass\n")
    assert error.message == "locustfile.py: user Visitor has no tasks"
    error = refusal(tmp_path, GOOD + "    weight = 'many'\n")
    assert error.message == "locustfile.py: user Visitor has weight 'many', expected a number above 0, at most 1e+09"


def test_what_works_differently_is_named_once_with_its_line(tmp_path):
    text = """\
        import requests.auth
        import sqlite3
        from locust import HttpUser, User, events, task
        from locust.exception import StopUser

        @events.report_to_master.add_listener
        def report(client_id, data): pass

        @events.quitting.add_listener
        def quitting(environment, **kwargs):
            environment.process_exit_code = 1
            environment.runner.send_message("a", {})
            environment.runner.send_message("b", {})
            if environment.web_ui:
                environment.web_ui.app

        class Visitor(HttpUser):
            host = "http://a"
            @task
            def home(self):
                raise StopUser()

        class Other(User):
            host = "http://b"
            @task
            def own(self): pass
        """
    facts = check_locustfile(str(written(tmp_path, text)))
    assert facts.host == ""
    beginnings = (
        "line 2: sqlite3: its calls hold up all users",
        "line 6: events.report_to_master never happens here",
        "line 11: environment.process_exit_code: use --threshold",
        "line 12: environment.runner.send_message: no messages",
        "line 15: environment.web_ui: there is none",
        "line 21: StopUser: a new user takes the place",
        "Other is no HttpUser: its own code runs, and holds up all users",
        "its users name different hosts: all requests go to the one target",
    )
    assert len(facts.needs) == len(beginnings)
    assert all(need.startswith(beginning) for need, beginning in zip(facts.needs, beginnings, strict=True))


SHAPE = """
from locust import LoadTestShape

class Steps(LoadTestShape):
    def tick(self):
        {body}
"""


def test_a_shape_becomes_stages(tmp_path):
    body = "return (10, 5) if self.get_run_time() < 10 else (4, 100) if self.get_run_time() < 12 else None"
    facts = check_locustfile(str(written(tmp_path, GOOD + SHAPE.format(body=body))))
    assert facts.needs == ()
    assert facts.stages == (
        RampStage(duration_s=2, target=10),
        RampStage(duration_s=8, target=10),
        RampStage(duration_s=1, target=4),
        RampStage(duration_s=1, target=4),
    )


@pytest.mark.parametrize(
    ("body", "need"),
    [
        ("return (1, 1)", "Steps.tick() does not end within a day"),
        ("return self.runner.stats.total.fail_ratio", "runner.stats in tick() is not offered by nineam"),
        ("return 'many'", "tick() gave 'many', expected (users, spawn_rate) or None"),
        ("return None if self.get_run_time() > 5 else (1, 1, [Visitor])", "Steps.tick() chooses user classes"),
    ],
)
def test_a_shape_that_cannot_be_known_in_advance_is_named(tmp_path, body, need):
    facts = check_locustfile(str(written(tmp_path, GOOD + SHAPE.format(body=body))))
    assert need in facts.needs[0]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 50), st.floats(0.5, 60)), min_size=1, max_size=6),
)
def test_the_stages_of_a_shape_are_its_users_second_by_second(steps):
    answers = [(users, rate) for seconds, users, rate in steps for _ in range(seconds)]
    counted = []

    class Shape(LoadTestShape):
        def tick(self):
            second = round(self.get_run_time())
            counted.append(self.get_current_user_count())
            return answers[second] if second < len(answers) else None

    asked = stages_of(Shape())
    assert asked.ends
    assert sum(stage.duration_s for stage in asked.stages) == len(answers)
    points = [0.0]
    for stage in asked.stages:
        step = (stage.target - points[-1]) / stage.duration_s
        start = points[-1]
        points += [start + step * second for second in range(1, round(stage.duration_s) + 1)]
    assert [round(point) for point in points] == pytest.approx(counted, abs=1)
    assert max(points) <= max(users for users, _ in answers) + 1e-6
    for before, after, (_, rate) in zip(points, points[1:], answers, strict=False):
        assert abs(after - before) <= rate + 1e-6
