"""Locustfiles run unchanged: tasks, sets, weights, waiting, starting and stopping."""

from collections import Counter

from locust_kit import SECOND, run

from nineam.load.locust.world import deal
from nineam.model import Phase

POLITE = Phase(name="polite", executor="polite", duration_s=0.1)


def test_tasks_run_by_weight_and_each_request_counts_under_its_name(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, task, constant

        class Visitor(HttpUser):
            wait_time = constant(0)

            @task(3)
            def item(self):
                self.client.get("/items/7")

            @task
            def search(self):
                self.client.get("/search?q=1", name="/search?q=[word]")
        """,
    )
    items, searches = outcome.endpoints["GET /items/{id}"], outcome.endpoints["GET /search?q=[word]"]
    assert 2 < items.requests / searches.requests < 4.5
    assert items.requests == outcome.count("GET", "/items/7")
    assert searches.requests == outcome.count("GET", "/search")
    assert outcome.stats.iterations == items.requests + searches.requests
    assert not outcome.stats.problems


def test_the_same_seed_draws_the_same_tasks(tmp_path):
    text = """
        import random
        from locust import FastHttpUser, task, constant

        class Visitor(FastHttpUser):
            wait_time = constant(0.001)

            @task
            def item(self):
                self.client.get(f"/a/x{random.randint(1, 1000)}")

            @task
            def other(self):
                self.client.get("/b")
        """
    alone = Phase(name="load", executor="constant-vus", duration_s=0.3, vus=1)
    one, two, other = (run(tmp_path, text, alone, seed=seed).asked for seed in (1, 1, 2))
    first = [[each.path for each in asked[:20]] for asked in (one, two, other)]
    assert first[0] == first[1] != first[2]


def test_a_user_starts_once_and_stops_at_the_end(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, task

        class Visitor(HttpUser):
            def on_start(self):
                answer = self.client.post("/login", json={"name": "me"})
                self.client.headers["Authorization"] = "Bearer " + answer.json()["token"]

            @task
            def home(self):
                self.client.get("/home")

            def on_stop(self):
                self.client.get("/logout")
        """,
        SECOND,
        Phase(name="again", executor="constant-vus", duration_s=0.2, vus=2),
    )
    assert outcome.count("POST", "/login") == outcome.count("GET", "/logout") == 2
    home = [each.headers for each in outcome.asked if each.path == "/home"]
    assert {(each["authorization"], each["cookie"]) for each in home} == {("Bearer t0ken", "session=s3cret")}


def test_nested_task_sets_run_until_they_are_interrupted(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, TaskSet, task

        class Shop(TaskSet):
            def on_start(self):
                self.client.get("/enter")

            @task
            class Cart(TaskSet):
                @task
                def add(self):
                    self.client.get("/add")
                    self.parent.interrupt(reschedule=False) if self.user.seen > 3 else None
                    self.user.seen += 1
                    self.interrupt()

            def on_stop(self):
                self.client.get("/leave")

        class Visitor(HttpUser):
            seen = 0
            tasks = {Shop: 1}
        """,
    )
    entered, left = outcome.count("GET", "/enter"), outcome.count("GET", "/leave")
    assert outcome.count("GET", "/add") == outcome.stats.iterations
    assert 0 < entered - left + 2 <= 4
    assert not outcome.stats.problems


def test_a_sequence_keeps_its_order_and_a_chain_follows_its_transitions(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, MarkovTaskSet, SequentialTaskSet, task, transition, transitions

        class Steps(SequentialTaskSet):
            @task
            def one(self): self.client.get("/1st")
            @task(2)
            def two(self): self.client.get("/2nd")

        class Chain(MarkovTaskSet):
            @transition("b")
            def a(self): self.client.get("/a")
            @transitions({"a": 1})
            def b(self): self.client.get("/b")

        class Stepper(HttpUser):
            fixed_count = 1
            tasks = [Steps]

        class Chained(HttpUser):
            tasks = [Chain]
        """,
    )
    steps = [each.path for each in outcome.asked if each.path in ("/1st", "/2nd")]
    chain = [each.path for each in outcome.asked if each.path in ("/a", "/b")]
    assert steps[:7] == ["/1st", "/2nd", "/2nd", "/1st", "/2nd", "/2nd", "/1st"]
    assert chain[:4] == ["/a", "/b", "/a", "/b"]


def test_user_classes_are_dealt_by_weight_after_the_fixed_ones():
    def kind(name, weight=1, fixed_count=0):
        return type(name, (), {"weight": weight, "fixed_count": fixed_count})

    three, one, fixed = kind("Three", 3), kind("One"), kind("Fixed", fixed_count=2)
    cards = deal((three, one, fixed))
    first = [next(cards) for _ in range(42)]
    assert first[:2] == [fixed, fixed]
    assert Counter(first[2:]) == {three: 30, one: 10}
    for start in range(2, 42, 4):  # in every stretch, not only in the long run
        assert Counter(first[start : start + 4]) == {three: 3, one: 1}


def test_waiting_lets_others_go_on_and_is_no_part_of_the_iteration(tmp_path):
    outcome = run(
        tmp_path,
        """
        import time
        from time import sleep
        import gevent
        from locust import HttpUser, task, constant

        class Sleeper(HttpUser):
            wait_time = constant(0.1)

            @task
            def sleeps(self):
                time.sleep(0.01)
                gevent.sleep(0.01)
                sleep(0.01)
                self._sleep(0.01)
                self.client.get("/")
        """,
        Phase(name="load", executor="constant-vus", duration_s=1.0, vus=50),
    )
    lasted = outcome.stats.timings["iteration_duration"]
    assert outcome.stats.iterations > 150  # 50 users who block each other would get to 25
    assert lasted.min > 38_000
    assert outcome.stats.generator.dropped_iterations == 0


def test_a_phase_ends_while_users_sleep(tmp_path):
    outcome = run(
        tmp_path,
        """
        import time
        from locust import HttpUser, task, constant

        class Sleeper(HttpUser):
            wait_time = constant(1000)

            @task
            def once(self):
                self.client.get("/")

        class Stubborn(HttpUser):
            @task
            def never_ends(self):
                while True:
                    try:
                        time.sleep(1000)
                        self.client.get("/never")
                    except BaseException:
                        pass
        """,
        Phase(name="load", executor="constant-vus", duration_s=0.3, vus=4, graceful_stop_s=0.1),
        Phase(name="more", executor="constant-vus", duration_s=0.3, vus=1, graceful_stop_s=0.1),
    )
    assert outcome.phases[0].iterations == 2
    assert outcome.count("GET", "/never") == 0


def test_a_polite_user_visits_every_task_of_every_class(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, SequentialTaskSet, TaskSet, task

        class Rare(TaskSet):
            @task
            def rare(self): self.client.get("/rare")
            @task
            def out(self): self.interrupt()

        class Order(SequentialTaskSet):
            @task
            def first(self): self.client.get("/first")
            @task
            def second(self): self.client.get("/second"); self.interrupt()

        class Visitor(HttpUser):
            tasks = {Rare: 1, Order: 1}
            @task(1000)
            def often(self): self.client.get("/often")

        class Other(HttpUser):
            weight = 1
            @task
            def other(self): self.client.get("/other")
        """,
        POLITE,
    )
    assert set(outcome.endpoints) == {"GET /rare", "GET /first", "GET /second", "GET /often", "GET /other"}
    assert not outcome.stats.problems
