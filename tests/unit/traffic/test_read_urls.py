import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.traffic.urls import read_list, read_urls


def written(tmp_path, text, name="urls.txt"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(tmp_path, text):
    return read_urls(written(tmp_path, text))


def refused(path):
    with pytest.raises(UsageError) as caught:
        read_urls(path)
    return caught.value


def test_a_line_is_a_path_a_method_and_a_path_or_a_whole_url(tmp_path):
    found = read(tmp_path, "# ours\n/\n\n  get /users/7?full=1#top  \r\nDELETE http://h:8000/a\nhttps://h\n")
    assert [(each.method, each.path, each.name) for each in found] == [
        ("GET", "/", "GET /"),
        ("GET", "/users/7?full=1", "GET /users/{id}"),
        ("DELETE", "/a", "DELETE /a"),
    ]


def test_a_trailing_number_is_a_weight_and_equal_requests_are_one(tmp_path):
    found = read(tmp_path, "/a 3\nGET /b 0.5\n/a\nPOST /a\n")
    assert [(each.method, each.path, each.weight) for each in found] == [
        ("GET", "/a", 4.0),
        ("GET", "/b", 0.5),
        ("POST", "/a", 1.0),
    ]


def test_the_hosts_of_a_list_are_named(tmp_path):
    path = written(tmp_path, "http://a.example/x\nhttp://a.example/y\nhttp://user:pw@b.example:81/\n/z\n")
    assert read_list(path).hosts == ("a.example", "b.example:81")


def test_targets_of_vegeta_have_headers_and_bodies(tmp_path):
    written(tmp_path, b'{"a":1}', "body.json")
    first, second, third, last = read(
        tmp_path,
        "GET http://goku:9090/path/to/dragon?item=ball\n"
        "GET http://user:pa%20ss@goku:9090/path\n"
        "X-Account-ID: 8675309\n"
        "\n"
        "# with a body\n"
        "POST http://goku:9090/things\n"
        "Content-Type: application/json\n"
        "X-Empty:\n"
        "@body.json\n"
        "/next\n",
    )
    assert (first.headers, first.path) == ((), "/path/to/dragon?item=ball")
    assert dict(second.headers) == {"authorization": "Basic dXNlcjpwYSBzcw==", "x-account-id": "8675309"}
    assert dict(third.headers) == {"content-type": "application/json", "x-empty": ""}
    assert third.body == b'{"a":1}'
    assert last.path == "/next"


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        ("/\nGTE /x\n", ":2:", "'GTE' is no method; did you mean GET?", "A line is"),
        ("frobnicate /x", ":1:", "'frobnicate' is neither an address nor one of GET", "A line is"),
        ("example.com/x", ":1:", "'example.com/x' is neither /path nor a whole URL", "http://"),
        ("/a\nlocalhost:8000/x", ":2:", "'localhost:8000/x' is neither", "http://"),
        ("GET", ":1:", "GET is followed by nothing", "A line is"),
        ("GET x", ":1:", "GET is followed by 'x'", "A line is"),
        ("/a b", ":1:", "'b' after the address is no weight", "A line is"),
        ("/a 0", ":1:", "the weight is 0, expected more than 0", "Leave out"),
        ("/a nan", ":1:", "the weight is nan", "Leave out"),
        ("/a 1 2", ":1:", "'2' is too much; a blank in an address is written %20", "A line is"),
        ("http://[::1/x", ":1:", "is no URL", "A line is"),
        ("http://h:99999/x", ":1:", "is no URL", "A line is"),
        ("http:///x", ":1:", "has no host", "A line is"),
        ("Accept: text/html\n/a", ":1:", "right below the address", "A line is"),
        ("/a\n\n@body", ":3:", "right below the address", "A line is"),
        ("POST /a\n@body.jsno", ":2:", "no body at", "body.json"),
        ("POST /a\n@body.json\n@body.json", ":3:", "a request has one body", "A line is"),
        ("# nothing\n\n", "", "has no request in it", "A line is"),
        (b"/a\n/\xff\n", ":2 ", "is not UTF-8", "UTF-8"),
        ("/a\nGET\x1b[31m /x", ":2:", r"GET\x1b[31m", "A line is"),
    ],
)
def test_a_wrong_line_says_where_and_what(tmp_path, text, where, message, hint):
    written(tmp_path, "{}", "body.json")
    error = refused(written(tmp_path, text))
    assert f"urls.txt{where}" in error.message
    assert message in error.message
    assert hint in error.hint
    assert "\x1b" not in error.message + "".join(error.details)


def test_a_long_line_is_shown_shortened(tmp_path):
    error = refused(written(tmp_path, "x" * 10_000_000))
    assert len(error.message) + len("".join(error.details)) < 1000


def test_a_missing_list_suggests_the_nearest_file(tmp_path):
    written(tmp_path, "/")
    assert "urls.txt" in refused(tmp_path / "url.txt").hint


lines = st.sampled_from(["/a", "GET /b 2", "http://h/c", "A: b", "@x", "", "# c", "POST /", "//", "http://[", "@\0"])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.lists(lines | st.text(max_size=10), max_size=5).map("\n".join))
def test_arbitrary_lists_raise_nothing_but_usage_errors(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "urls.fuzz"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(UsageError):
        assert read_urls(path)
