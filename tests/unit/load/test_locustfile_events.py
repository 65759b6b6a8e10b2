"""Listeners, the environment, and what a locustfile reports itself."""

from locust_kit import SECOND, run

from nineam.model import Phase


def test_listeners_are_told_what_happens(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, constant, events, task

        told = {"requests": 0, "bytes": 0, "errors": 0}

        @events.init_command_line_parser.add_listener
        def options(parser):
            parser.add_argument_group("mine", "my own").add_argument("--my-number", type=int, default=3)
            parser.add_argument("--my-word", type=str, env_var="NOT_SET_ANYWHERE", default="word", is_secret=True)

        @events.init.add_listener
        def init(environment, runner, **kwargs):
            given = environment.parsed_options
            print("init", given.my_word, given.my_number, runner.user_count, environment.web_ui)

        @events.test_start.add_listener
        def start(environment, **kwargs):
            print("start", environment.host.startswith("http://127.0.0.1"))

        @events.request.add_listener
        def request(request_type, name, response_time, response_length, response, context, exception, **kwargs):
            assert request_type == "GET" and name == "/home" and response_time > 0 and context == {"who": "me"}
            assert bool(exception) == (response.status_code != 200)
            told["requests"] += 1
            told["bytes"] += response_length

        @events.user_error.add_listener
        def user_error(user_instance, exception, tb, **kwargs):
            told["errors"] += isinstance(exception, KeyError)

        @events.quitting.add_listener
        def quitting(environment, **kwargs):
            print("quitting", told, environment.stats.total.num_requests, environment.stats.total.fail_ratio)

        class Visitor(HttpUser):
            wait_time = constant(0.02)
            def context(self):
                return {"who": "me"}
            @task
            def home(self):
                self.client.get("/home")
                {}["bug"]
        """,
    )
    assert outcome.problems == {"locustfile.py:42": "KeyError: 'bug'"}
    printed = dict(line.split(" ", 1) for line in outcome.printed)
    assert printed["init"] == "word 3 0 None"
    assert printed["start"] == "True"
    requests, bugs = outcome.endpoints["GET /home"].requests, outcome.stats.problems[0].count
    body = len('{"path": "/home"') * requests
    assert printed["quitting"].startswith(f"{{'requests': {requests}, 'bytes': ")
    assert f"'errors': {bugs}}} {requests} 0.0" in printed["quitting"]
    assert body > 0
    assert [problem.message for problem in outcome.stats.problems] == ["KeyError: 'bug'"]


def test_a_listener_with_a_bug_is_a_problem_of_the_file(tmp_path):
    outcome = run(
        tmp_path,
        """\
        from locust import HttpUser, constant, events, task

        @events.request.add_listener
        def request(**kwargs):
            raise ValueError("my own")

        class Visitor(HttpUser):
            wait_time = constant(0.02)
            @task
            def home(self):
                self.client.get("/")
        """,
    )
    assert outcome.problems == {"locustfile.py:5": "ValueError: my own"}


def test_what_a_file_reports_itself_counts_as_a_request(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import User, constant, events, task

        class Custom(User):
            wait_time = constant(0.02)
            @task
            def call(self):
                events.request.fire(
                    request_type="RPC", name="call", response_time=12.5, response_length=3, exception=None)
                self.environment.events.request.fire(
                    request_type="RPC", name="fails", response_time=1, response_length=0, exception=OSError("refused"))
                with events.request.measure("RPC", "measured"):
                    pass
                events.request_failure.fire(request_type="RPC", name="old", response_time=1, response_length=0,
                                            exception=OSError("old"))
        """,
    )
    endpoints, iterations = outcome.endpoints, outcome.stats.iterations
    assert {name: (each.requests, each.failed, each.errors) for name, each in endpoints.items()} == {
        "RPC call": (iterations, 0, {}),
        "RPC fails": (iterations, iterations, {"refused": iterations}),
        "RPC measured": (iterations, 0, {}),
        "RPC old": (iterations, iterations, {"old": iterations}),
    }
    assert 12_000 < endpoints["RPC call"].response.max < 13_000


def test_users_may_wait_until_all_are_spawned(tmp_path):
    outcome = run(
        tmp_path,
        """
        from gevent.lock import Semaphore
        from locust import HttpUser, constant, events, task

        everybody = Semaphore()
        everybody.acquire()

        @events.spawning_complete.add_listener
        def spawned(user_count, **kwargs):
            print("spawned", user_count)
            everybody.release()

        class Visitor(HttpUser):
            wait_time = constant(0.02)
            def on_start(self):
                everybody.wait()
            @task
            def home(self):
                self.client.get("/")
        """,
        Phase(name="load", executor="constant-vus", duration_s=1.0, vus=5),
    )
    assert outcome.printed == ["spawned 5"]
    assert outcome.stats.iterations > 5


def test_what_the_environment_does_not_offer_is_named(tmp_path):
    outcome = run(
        tmp_path,
        """\
        import time
        import gevent
        from locust import HttpUser, constant, events, task
        from locust.runners import STATE_STOPPED, WorkerRunner

        @events.init.add_listener
        def init(environment, **kwargs):
            assert not isinstance(environment.runner, WorkerRunner)
            gevent.spawn(check, environment)

        def check(environment):
            while environment.runner.state != STATE_STOPPED:
                time.sleep(0.05)
                if environment.stats.total.num_requests > 3:
                    environment.runner.quit()

        class Visitor(HttpUser):
            wait_time = constant(0.02)
            @task
            def home(self):
                self.client.get("/")
        """,
        SECOND,
    )
    assert list(outcome.problems) == ["locustfile.py:15"]
    assert "environment.runner.quit is not offered by nineam" in outcome.problems["locustfile.py:15"]
