"""What is written down: frozen sets, lines for a shell, tests; nothing secret, nothing that commands a terminal."""

import ast
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.model import Chunk, Payload
from nineam.payloads.asking import Answer
from nineam.payloads.curl import curl
from nineam.payloads.found import Failure, Trace
from nineam.payloads.frozen import Frozen, freeze, thaw
from nineam.payloads.literals import python_bytes, python_text, shell_word
from nineam.payloads.pytest_code import module_of

BASE = "http://127.0.0.1:8000"


def payload(**changes):
    usual = {"id": "1", "endpoint": "POST /x", "part": "body", "what": "wrong", "method": "POST", "path": "/x"}
    return Payload(**(usual | changes))


def failure(**changes):
    made = payload(**changes)
    return Failure(payload=made, smallest=made, answer=Answer(status=500), trace=Trace(exception="KeyError: 'a'"))


@given(st.binary(max_size=200), st.integers(1, 200))
def test_bytes_written_as_python_are_those_bytes(data, times):
    assert eval(python_bytes((Chunk(data, times), Chunk(data * 60)))) == data * times + data * 60
    assert eval(python_text(data.decode("latin-1"))) == data.decode("latin-1")
    assert "'" not in python_bytes((Chunk(data),))


@pytest.mark.parametrize("data", [b"plain", b"it's", b"\\x41", b"$HOME `id` !!", bytes(range(1, 256)), b"\xff'\n", b""])
def test_a_shell_reads_a_word_as_it_was(data):
    said = subprocess.run(["bash", "-c", f"printf %s {shell_word(data)}"], capture_output=True, check=True)
    assert said.stdout == data


def test_a_set_is_read_as_it_was_written(tmp_path):
    frozen = Frozen(seed=7, digest="d", payloads=(payload(body=(Chunk(b"\xff\x00", 3),), headers=(("x", "\xe9"),)),))
    freeze(tmp_path / "new" / "set.json", frozen)
    assert thaw(tmp_path / "new" / "set.json") == frozen


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no set of payloads"),
        ("[" * 100_000, "no set of payloads"),
        ('{"seed": 1, "payloads": [], "schema": "other/1"}', "expected"),
        ('{"seed": 1, "payloads": [{"id": "1"}]}', "no set of payloads"),
    ],
)
def test_a_file_that_is_no_set_is_refused(tmp_path, text, word):
    (tmp_path / "set.json").write_text(text)
    with pytest.raises(UsageError, match=word):
        thaw(tmp_path / "set.json")


@pytest.mark.parametrize(
    "changes",
    [{"path": "/a b"}, {"method": "GET /x HTTP/1.1\r\n"}, {"headers": (("x", "1\r\n\r\nGET /admin HTTP/1.1"),)}],
)
def test_a_set_that_hides_a_request_in_another_is_refused(tmp_path, changes):
    freeze(tmp_path / "set.json", Frozen(seed=1, payloads=(payload(**changes),)))
    with pytest.raises(UsageError, match="line break or a blank"):
        thaw(tmp_path / "set.json")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"method": "GET", "query": ("a=1", "b=")}, f"curl -i '{BASE}/x?a=1&b='"),
        ({"method": "GET", "path": "/a/../b"}, f"curl -i --path-as-is {BASE}/a/../b"),
        ({"method": "HEAD"}, f"curl -i -I {BASE}/x"),
        (
            {"headers": (("content-type", "application/json"),), "body": (Chunk(b'{"a": 1}'),)},
            "curl -i -H 'content-type: application/json' --data-binary '{\"a\": 1}' " + f"{BASE}/x",
        ),
        ({}, f"curl -i -X POST -H content-type: --data-binary '' {BASE}/x"),
    ],
)
def test_a_request_is_told_as_a_line_for_a_shell(changes, line):
    assert curl(payload(**changes), BASE) == line


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": (("x-note", "\x1b[2J\xff"),)},
        {"body": (Chunk(b"\x1b]0;title\x07\x00"),)},
        {"headers": (("content-length", "-1"),)},
        {"headers": (("x-note", "a\x00b"),), "body": (Chunk(b"\x9b2J"),)},
        {"body": (Chunk(b"[", 50_000),)},
    ],
)
def test_lines_and_tests_are_printable_and_short(changes):
    for text in (curl(payload(**changes), BASE), module_of([failure(**changes)], BASE, "test_it.py")):
        assert text.replace("\n", "").isprintable()
        assert text.isascii()
        assert len(text) < 3_000


def test_a_secret_header_is_named_and_not_told():
    line = curl(payload(), BASE, ["authorization"])
    assert '-H "authorization: $AUTHORIZATION"' in line
    module = module_of([failure()], BASE, "test_it.py", ["authorization"])
    assert 'LOGIN = [("authorization", os.environ["AUTHORIZATION"])]' in module


@given(st.text(), st.text())
def test_the_module_is_python_whatever_the_failure_is_called(what, exception):
    made = payload(what=what, endpoint=f"POST /{what}")
    trace = Trace(exception=exception)
    found = Failure(payload=made, smallest=made, answer=Answer(status=500), trace=trace)
    ast.parse(module_of([found], BASE, "test_it.py"))
