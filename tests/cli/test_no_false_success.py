"""What must not end as a success: no request, no proxy, no room for the run file."""

import json
import resource

import pytest

TARGET = "plain_asgi:app"
LOAD = ("-u", "2", "-t", "1s", "--no-climb")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("await user.get('http://example.com/')", "http://example.com/ is not on"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
)
def test_a_run_whose_journeys_send_nothing_is_not_proven(nineam, project, short, body, words):
    (project / "monday.py").write_text(f"from nineam import journey\n@journey\nasync def a(user):\n    {body}\n")
    outcome = nineam("run", TARGET, *LOAD, *short, "--quiet", cwd=project)
    assert outcome.code == 4, outcome.err
    assert "NOT PROVEN: no request was sent, because of a problem in the journeys" in outcome.out
    assert words in outcome.out
    assert "monday.py:4" in outcome.out
    assert "come back" not in outcome.out


def test_a_proxy_that_nobody_listens_on_is_refused(refused):
    refused("run", TARGET, "--proxy", "http://127.0.0.1:9", says=("--proxy: nobody answers at 127.0.0.1:9",))


def test_a_run_file_without_room_is_no_bug(nineam, project, short):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (330_000, before[1]))
    try:
        outcome = nineam("run", TARGET, *LOAD, *short, cwd=project)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    outcome.refuses(1, "cannot write on in the run file", "is the disk full?")


def test_where_the_polite_user_only_fails_no_more_of_them_are_tried(nineam, project, short):
    (project / "closed.py").write_text(
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'http':\n"
        "        await send({'type': 'http.response.start', 'status': 401, 'headers': []})\n"
        "        await send({'type': 'http.response.body', 'body': b''})\n"
    )
    (project / "monday.py").write_text(
        "from nineam import journey\n@journey\nasync def look(user):\n    await user.get('/')\n"
    )
    outcome = nineam("run", "closed:app", "--journeys", "monday.py", *short, "--json", "run.json", cwd=project)
    document = json.loads((project / "run.json").read_text())
    assert outcome.out.startswith("NOT READY: with one polite user already, 100% of GET / fail with 401.")
    assert len(document["stairs"]) == 1
    assert "every request of one polite user failed: more of the same load are not tried" in outcome.out + outcome.err
