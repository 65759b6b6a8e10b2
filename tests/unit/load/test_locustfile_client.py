"""`self.client` of a locustfile: what is sent, what comes back, what is counted."""

import json

from locust_kit import SECOND, run

from nineam.model import Phase, Scenario

ONE = Scenario(name="one", executor="shared-iterations", iterations=1, vus=1, max_duration_s=5)
ONCE = Phase(name="once", duration_s=5, scenarios=(ONE,))

FILE = """\
from locust import HttpUser, FastHttpUser, task
from locust.exception import ResponseError
import json

class Visitor({base}):
    @task
    def once(self):
        c = self.client
{body}
"""


def once(folder, body, base="HttpUser"):
    indented = "\n".join(f"        {line}" for line in body.strip("\n").splitlines())
    return run(folder, FILE.format(base=base, body=indented), ONCE)


def test_bodies_headers_and_parameters_go_out_as_requests_sends_them(tmp_path):
    (tmp_path / "notes.txt").write_bytes(b"note")
    outcome = once(
        tmp_path,
        f"""
c.headers.update({{"X-Session": "s", "X-Both": "session"}})
c.post("/json", json={{"a": 1}})
c.post("/form", {{"a": "1 2", "b": ["x", "y"], "none": None}})
c.post("/raw", data=json.dumps([1]), headers={{"Content-Type": "application/json", "x-both": "request"}})
c.put("/bytes", data=b"bytes")
c.patch("/pairs", data=[("a", 1), ("a", 2)])
c.get("/query?z=0", params={{"a": 1, "b": None, "c": ["x", "y"]}}, headers={{"X-Session": None}})
files = {{"f": open({str(tmp_path / "notes.txt")!r}, "rb"), "g": ("g.csv", "1,2", "text/csv")}}
c.post("/files", files=files, data={{"k": "v"}})
c.delete("/gone", auth=("me", "pass"))
c.request("get", "/cookies", cookies={{"one": "1"}})
c.options("/opt")
c.head("/to/elsewhere")
""",
    )
    assert not outcome.stats.problems
    asked = {each.path: each for each in outcome.asked}
    assert json.loads(asked["/json"].body) == {"a": 1}
    assert asked["/json"].headers["content-type"] == "application/json"
    assert asked["/form"].body == b"a=1+2&b=x&b=y"
    assert asked["/form"].headers["content-type"] == "application/x-www-form-urlencoded"
    assert (asked["/raw"].headers["x-both"], asked["/raw"].headers["x-session"]) == ("request", "s")
    assert "content-type" not in asked["/bytes"].headers
    assert asked["/pairs"].body == b"a=1&a=2"
    assert "x-session" not in asked["/query?z=0&a=1&c=x&c=y"].headers
    assert b'filename="notes.txt"' in asked["/files"].body
    assert b'name="k"\r\n\r\nv' in asked["/files"].body
    assert b"Content-Type: text/csv\r\n\r\n1,2" in asked["/files"].body
    assert asked["/gone"].headers["authorization"] == "Basic bWU6cGFzcw=="
    assert asked["/cookies"].headers["cookie"] == "one=1"
    assert "/elsewhere" not in asked


def test_answers_look_like_those_of_requests(tmp_path):
    outcome = once(
        tmp_path,
        """
r = c.get("/a?b=1")
assert r.status_code == 200 and r.ok and r and r.reason == "OK" and not r.history, r
assert r.json()["path"] == "/a?b=1" and r.headers["Content-Type"] == "application/json"
assert r.text.encode() == r.content and r.elapsed.total_seconds() > 0
assert r.url.endswith("/a?b=1") and r.request.method == "GET" and r.request.path_url == "/a?b=1"
r.raise_for_status()
r = c.get("/to/there")
assert r.url.endswith("/there") and [h.status_code for h in r.history] == [302]
assert r.history[0].cookies.get("hop") == "1" and c.cookies.get_dict() == {"hop": "1"}
r = c.get("/to/there", allow_redirects=False)
assert r.status_code == 302 and r.is_redirect and r.headers["location"] == "/there"
r = c.get("/status/503")
assert not r and not r.ok
try:
    r.raise_for_status()
except OSError as error:
    assert "503 Server Error: Service Unavailable" in str(error)
try:
    c.get("/text").json()
except json.JSONDecodeError:
    pass
else:
    raise AssertionError
c.cookies.set("mine", "2")
assert json.loads(c.get("/cookies").text)["headers"]["cookie"] == "hop=1; mine=2"
assert c.get(c.base_url + "/whole").json()["path"] == "/whole"
""",
    )
    assert not outcome.stats.problems, outcome.stats.problems
    assert outcome.endpoints["GET /to/there"].requests == 2
    assert "GET /there" not in outcome.endpoints  # one call is one request, redirects included
    assert outcome.endpoints["GET /status/{id}"].failed == 1


def test_a_caught_answer_counts_as_the_file_says(tmp_path):
    outcome = once(
        tmp_path,
        """
with c.get("/status/404", name="missing", catch_response=True) as r:
    r.success()
with c.get("/fine", catch_response=True) as r:
    r.failure("not fine at all")
with c.get("/fine2", catch_response=True) as r:
    raise ResponseError("bad answer")
with c.get("/status/500", name="broken", catch_response=True) as r:
    pass
c.get("/forgotten", catch_response=True)
later = c.get("/later", catch_response=True)
later.failure("too late")
with c.get("/asserted", catch_response=True) as r:
    assert r.status_code == 201, "not created"
""",
    )
    failed = {name: (each.requests, each.failed, each.errors) for name, each in outcome.endpoints.items()}
    assert failed == {
        "GET missing": (1, 0, {}),
        "GET /fine": (1, 1, {"not fine at all": 1}),
        "GET /fine2": (1, 1, {"bad answer": 1}),
        "GET broken": (1, 1, {}),
        "GET /forgotten": (1, 0, {}),
        "GET /later": (1, 1, {"too late": 1}),
        "GET /asserted": (1, 1, {"not created": 1}),
    }
    assert outcome.problems == {"locustfile.py:21": "AssertionError: not created"}


def test_rest_of_the_fast_client_parses_and_judges(tmp_path):
    outcome = once(
        tmp_path,
        """
with self.rest("GET", "/ok") as r:
    assert r.js["path"] == "/ok" and r.js["headers"]["accept"] == "application/json"
with self.rest("GET", "/text") as r:
    assert r.js is None
with self.rest("POST", "/wrong", json={}) as r:
    assert r.js["path"] == "/right", "wrong path"
with self.rest("POST", "/bug", json={}) as r:
    1 / 0
with self.rest_("GET", "/stamped") as r:
    pass
""",
        base="FastHttpUser",
    )
    failed = {name: (each.requests, dict(each.errors)) for name, each in outcome.endpoints.items()}
    assert failed == {
        "GET /ok": (1, {}),
        "GET /text": (1, {"Could not parse response as JSON (status 200)": 1}),
        "POST /wrong": (1, {"wrong path": 1}),
        "POST /bug": (1, {"ZeroDivisionError: division by zero": 1}),
        "GET /stamped?_=...": (1, {}),
    }
    assert not outcome.stats.problems


def test_what_is_not_offered_is_named_with_its_line(tmp_path):
    outcome = once(tmp_path, "c.get('/')\nc.adapters")
    assert outcome.problems == {"locustfile.py:10": "NotOfferedError: self.client.adapters is not offered by nineam"}
    outcome = once(tmp_path, "c.get('/', retries=3)")
    assert outcome.problems == {"locustfile.py:9": "NotOfferedError: retries= of a request is not offered by nineam"}
    outcome = once(tmp_path, "c.get('http://elsewhere.example/')")
    assert "http://elsewhere.example/ is not on http://127.0.0.1" in outcome.problems["locustfile.py:9"]


def test_what_the_file_calls_its_host_is_the_target(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, task

        class Visitor(HttpUser):
            host = "https://shop.example/"

            @task
            def home(self):
                self.client.get("https://shop.example/a")
                self.client.get(f"{self.host}/b")
                self.client.get("c")
        """,
        ONCE,
    )
    assert [each.path for each in outcome.asked] == ["/a", "/b", "/c"]
    assert not outcome.stats.problems


def test_requests_of_one_user_run_side_by_side_when_spawned(tmp_path):
    outcome = run(
        tmp_path,
        """
        import gevent
        from gevent.pool import Group, Pool
        from locust import HttpUser, task, constant

        class Parallel(HttpUser):
            wait_time = constant(0.01)
            @task
            def three(self):
                group = Group()
                for n in range(3):
                    group.spawn(self.client.get, f"/side/{n}", name="/side")
                group.join()
                assert [x.status_code for x in Pool(2).map(lambda n: self.client.get("/map"), range(3))] == [200] * 3
                assert gevent.spawn(lambda: 42).get() == 42
        """,
        ONCE,
    )
    assert not outcome.stats.problems
    assert outcome.stats.iterations == 1
    assert {name: each.requests for name, each in outcome.endpoints.items()} == {"GET /side": 3, "GET /map": 3}


def test_a_server_that_is_gone_is_status_zero(tmp_path):
    outcome = run(
        tmp_path,
        """
        from locust import HttpUser, task

        class Visitor(HttpUser):
            def on_start(self):
                self.client.headers["connection"] = "close"
            @task
            def home(self):
                r = self.client.get("/status/200", timeout=0.000001)
                assert r.status_code == 0 and not r.ok and str(r.error), r
        """,
        SECOND,
    )
    (endpoint,) = outcome.endpoints.values()
    assert endpoint.failed == endpoint.requests == sum(endpoint.errors.values())
    assert not outcome.stats.problems
