"""Hostile requests beside ordinary ones: what breaks is named with its line, what dies is started again."""

import asyncio
import socket
import sys

import msgspec
import pytest

from nineam.model import Payload, RequestSpec
from nineam.model.run import Machine
from nineam.model.trial import Outcome, TrialDocument, TrialResult
from nineam.payloads.aim import aim_of_request
from nineam.payloads.asking import Target
from nineam.report.trial_formats import FORMATS
from nineam.trials.catalogue import hostile_payloads
from nineam.trials.lab import Lab
from nineam.trials.logins import hidden, logins
from nineam.trials.subject import Leading, Subject
from nineam.trials.trial import NotApplicableError, Pace
from nineam.trials.verdict import not_tested, verdict
from nineam.trials.watched import Watched

SERVER = """
import http.server, os, sys, urllib.parse

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        if "%00" in self.path and "fragile" in sys.argv:
            os._exit(1)
        if self.path.startswith("/account"):
            return self.account(query)
        refused = self.path.startswith("/private")
        body = str(int(query.get("page", "1"))).encode() if "trusts" in sys.argv else b"ok"
        self.send_response(401 if refused else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def account(self, query):
        login = self.headers.get("cookie", "") + query.get("token", "")
        known = "s3cret-login" in login
        if known and "trusts" in sys.argv and not query.get("page", "1").isdigit():
            raise ValueError("page for " + login)
        self.send_response(200 if known else 302)
        self.send_header("content-length", "0")
        self.end_headers()

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""
ITEMS = RequestSpec(method="GET", path="/items?page=1", name="GET /items")
PACE = Pace(control_s=0.6, patience_s=3.0)


@pytest.fixture
def laboratory(tmp_path, monkeypatch):
    monkeypatch.setattr(hostile_payloads, "LASTS_S", 1.0)
    monkeypatch.setattr(hostile_payloads, "EXAMINING_S", 3.0)
    (tmp_path / "page.py").write_text(SERVER)

    def make(*sins, requests=(ITEMS,), **more):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        url, command = f"http://127.0.0.1:{port}", (sys.executable, "page.py", str(port), *sins)
        subject = Subject(
            command=command, cwd=str(tmp_path), environment={}, url=url, asked="--methods get,post page:app"
        )
        lab = Lab(subject=subject, proxy=None, leading=Leading((), {}, tmp_path / "told.jsonl"), pace=PACE)
        lab.base_url, lab.requests, lab.knee = url, requests, 100.0
        lab.aims = tuple(aim_of_request(each) for each in requests)
        for name, value in more.items():
            setattr(lab, name, value)
        return lab

    return make


def tried(lab):
    return asyncio.run(hostile_payloads.run(lab, None))


def test_what_breaks_is_named_with_its_line_and_the_command_that_reduces_it(laboratory):
    measured = tried(laboratory("trusts", unasked=("POST /login",)))
    assert measured.holds is False
    assert "ValueError at page.py:" in measured.sentence
    assert "nineam payloads --tests test_payloads.py --methods get,post page:app" in measured.fix
    (failure,) = measured.evidence["failures"]
    assert failure["function"] == "do_GET"
    assert failure["curl"].startswith("curl -i 'http://127.0.0.1:")
    assert measured.left_out == ("POST /login: only sent with --methods",)


def test_where_everything_is_answered_it_holds(laboratory):
    lab = laboratory()
    measured = next((each for each in (tried(lab) for _ in range(3)) if each.holds), None)
    assert measured is not None  # a busy machine may disturb an attempt, not three
    assert measured.evidence["failures"] == []
    assert measured.fault_proof["times"] > 10


def test_a_process_that_dies_is_started_again_and_is_a_failure(laboratory):
    measured = tried(laboratory("fragile"))
    assert measured.holds is False
    assert "a process of it died" in measured.sentence
    assert any(each["died"] for each in measured.evidence["failures"])


def test_where_ordinary_requests_are_refused_nothing_is_proven(laboratory):
    private = RequestSpec(method="GET", path="/private", name="GET /private")
    measured = tried(laboratory(requests=(private,)))
    assert measured.holds is not True
    assert "GET /private (refused with 401)" in measured.left_out


ACCOUNT = RequestSpec(
    method="GET", path="/account?page=1", name="GET /account", headers=(("Cookie", "session=s3cret-login"),)
)


def test_what_is_behind_a_login_is_reached_and_the_login_is_written_down_nowhere(laboratory):
    measured = tried(laboratory("trusts", requests=(ACCOUNT,)))
    assert measured.holds is False
    assert "ValueError at page.py:" in measured.sentence
    (failure,) = measured.evidence["failures"]
    assert '"cookie: $COOKIE"' in failure["curl"]
    assert "***" in failure["exception"]
    assert '--header "cookie: $COOKIE"' in measured.fix
    result = TrialResult(name="hostile-payloads", title="t", result="fail", sentence=measured.sentence)
    told = {name: getattr(measured, name) for name in Outcome.__struct_fields__}
    document = TrialDocument(
        started="2026-01-01T00:00:00Z",
        seconds=1.0,
        machine=Machine(cores=2, python="3", os="x"),
        not_tested=(),
        target={},
        verdict=verdict([result], 1.0),
        trials=(msgspec.structs.replace(result, **told),),
    )
    assert not [name for name, written in FORMATS.items() if "s3cret" in written(document)]


def test_where_the_secret_is_in_the_address_nothing_is_proven_and_the_endpoint_is_named(laboratory):
    listed = RequestSpec(method="GET", path="/account?token=s3cret-login", name="GET /account")
    measured = tried(laboratory(requests=(listed,)))
    assert measured.holds is not True
    assert measured.fault_proof["times"] == 0
    assert measured.left_out == ("GET /account (answered 302 without what may be secret, not 200)",)
    beside = tried(laboratory(requests=(listed, ITEMS)))
    assert beside.fault_proof["times"] > 10
    assert beside.left_out == measured.left_out


def test_a_login_that_is_wrong_by_intention_is_sent_as_it_is():
    target = Target("http://127.0.0.1:1", logins=logins([ACCOUNT]))
    payload = Payload(id="1", endpoint="GET /account", part="head", what="a cookie", method="GET", path="/account")
    assert target.login(payload) == (("cookie", "session=s3cret-login"),)
    assert target.login(msgspec.structs.replace(payload, headers=(("cookie", "=;;"),))) == ()
    assert target.login(msgspec.structs.replace(payload, endpoint="GET /items")) == ()


def test_no_part_of_a_secret_is_left_in_what_was_printed():
    said = hidden("no token s3cret-part in Bearer s3cret-login; a=1", ("Bearer s3cret-login", "a=1; b=s3cret-part"))
    assert "s3cret" not in said
    assert said.endswith("a=1")


def test_without_anything_to_aim_at_it_does_not_apply(laboratory):
    with pytest.raises(NotApplicableError):
        tried(laboratory(requests=()))


def test_a_session_starts_the_application_again_when_it_is_gone(laboratory):
    async def run():
        lab = laboratory()
        async with lab.session(listen=True) as session:
            subject, first = Watched(session), session.app
            await first.stop()
            lost, back = await subject.lost(), await subject.revive()
            return lost, back, session.app is not first, (await session.player.answer("GET /items")).ok

    assert asyncio.run(run()) == (True, True, True, True)


def test_what_a_trial_left_out_is_not_tested():
    result = TrialResult(name="huge-body", title="t", result="pass", sentence="s", left_out=("POST /x: not sent",))
    assert "huge-body: POST /x: not sent" in not_tested([result], ())
