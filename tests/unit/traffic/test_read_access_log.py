import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.traffic import different
from nineam.traffic.access_log import read_access_log
from nineam.traffic.different import Different, sendable

S = 1_000_000_000


def line(path="/", second=0, method="GET", zone="+0200", **changes):
    request = changes.get("request", f"{method} {path} HTTP/1.1")
    time = f"10/Oct/2024:13:{second // 60:02d}:{second % 60:02d}"
    return f'10.0.0.1 - - [{time} {zone}] "{request}" 200 12 "-" "curl/8"'


def replay(tmp_path, *lines, name="access.log", **options):
    """Read a log; gives what came of it, and its tape as (seconds, path)."""
    (tmp_path / name).write_bytes("\n".join(lines).encode("utf-8", "surrogateescape") + b"\n")
    found = read_access_log(tmp_path / name, tmp_path / "tape", **options)
    tape = [json.loads(text) for text in (tmp_path / "tape").read_text().splitlines()]
    return found, [(offset / S, found.requests[index].path) for offset, index in tape]


def refused(tmp_path, content, **options):
    (tmp_path / "access.log").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_access_log(tmp_path / "access.log", tmp_path / "tape", **options)
    assert not (tmp_path / "tape").exists()
    return caught.value


def test_a_log_becomes_its_different_requests_and_a_tape(tmp_path):
    found, tape = replay(tmp_path, line("/a"), line("/users/7?x=1", 2), line("/a", 5), line("/a", 5, "HEAD"))
    assert [(each.method, each.path, each.name, each.weight) for each in found.requests] == [
        ("GET", "/a", "GET /a", 2.0),
        ("GET", "/users/7?x=1", "GET /users/{id}", 1.0),
        ("HEAD", "/a", "HEAD /a", 1.0),
    ]
    assert tape == [(0, "/a"), (2, "/users/7?x=1"), (5, "/a"), (5.5, "/a")]
    assert found.seconds == 6
    assert found.skipped == ()
    assert found.notices == ("the log knows whole seconds: requests of the same second are spread evenly over it",)


def answered(path, *statuses):
    return [line(path, number).replace('" 200 ', f'" {status} ') for number, status in enumerate(statuses)]


def test_what_was_mostly_refused_may_be_refused_again(tmp_path):
    lines = [*answered("/gone", 404, 410, 200), *answered("/here", 404, 200, 304), *answered("/broken", 500, 500)]
    found, _ = replay(tmp_path, *lines)
    assert {each.path: each.may_be_refused for each in found.requests} == {
        "/gone": True,
        "/here": False,
        "/broken": False,
    }
    assert found.notices[-1] == (
        "3 requests of the log that mostly got a 4xx then: where it is one again, that is no failure"
    )


@pytest.mark.parametrize("status", ['"status": 404', '"status_code": "404"', '"response": 1, "http_status": 404'])
def test_the_status_of_a_json_line_is_read(tmp_path, status):
    found, _ = replay(tmp_path, f'{{"time": 1728568536, "method": "GET", "path": "/gone", {status}}}')
    assert found.requests[0].may_be_refused


@pytest.mark.parametrize(("status", "refused"), [("404", True), ("200", False), ("-", False)])
def test_the_status_of_a_format_of_ones_own_is_read_where_it_has_one(tmp_path, status, refused):
    pattern = r"(?P<time>\S+) (?P<method>\S+) (?P<path>\S+)(?: (?P<status>\S+))?"
    found, _ = replay(tmp_path, f"1728568536 GET /gone {status}", pattern=pattern)
    assert found.requests[0].may_be_refused is refused


def test_the_span_of_a_log_is_between_its_first_and_its_last_request(tmp_path):
    found, _ = replay(tmp_path, *(line("/", second) for second in (0, 1, 2)))
    assert (found.span_s, found.seconds) == (2.0, 3.0)


@pytest.mark.parametrize(
    "written",
    [
        '10.0.0.1 - - [{}] "GET /a HTTP/1.0" 200 2326',
        '10.0.0.1 - frank [{}] "GET /a HTTP/2.0" 200 2 "http://r/" "Mozilla/5.0 (X; [en])" "-" 0.01',
        'shop.example:443 ::1 - "a b" [{}] "GET /a HTTP/1.1" 304 -',
        'web_1  | 10.0.0.1 - - [{}] "GET http://shop.example/a HTTP/1.1" 200 1',
        '10.0.0.1 - - [{}] "GET /a" 200 1',
        '10.0.0.1 - - [{}] shop.example "get /a HTTP/1.1" 200 1',
    ],
)
def test_lines_of_the_common_format_may_have_more_before_and_behind(tmp_path, written):
    found, tape = replay(tmp_path, written.format("10/Oct/2024:13:55:36 -0700"))
    assert (found.requests[0].method, tape) == ("GET", [(0, "/a")])


def test_what_a_development_server_writes_is_a_log_too(tmp_path):
    _, tape = replay(
        tmp_path, '[10/Oct/2024 13:55:36] "GET /a HTTP/1.1" 200 12', '[10/Oct/2024 13:55:38] "GET /b HTTP/1.1" 200 1'
    )
    assert tape == [(0, "/a"), (2, "/b")]


@pytest.mark.parametrize(
    "fields",
    [
        {"time": "2024-10-10T13:55:36Z", "method": "GET", "path": "/a?x=1", "status": 200},
        {"time_iso8601": "2024-10-10T13:55:36+02:00", "request": "GET /a?x=1 HTTP/1.1"},
        {"@timestamp": "2024-10-10T13:55:36.5Z", "request_method": "GET", "uri": "/a", "args": "x=1"},
        {"ts": 1728568536.25, "level": "info", "request": {"method": "GET", "uri": "/a?x=1", "host": "h"}},
        {"timestamp": 1728568536250, "req": {"method": "GET", "url": "/a?x=1"}, "res": {"statusCode": 200}},
        {"msec": "1728568536.250", "method": "GET", "request_uri": "/a?x=1", "uri": "/index.html"},
        {"timestamp": "2024-10-10T13:55:36Z", "httpRequest": {"requestMethod": "GET", "requestUrl": "https://h/a?x=1"}},
        {"StartUTC": "2024-10-10T13:55:36.1Z", "RequestMethod": "GET", "RequestPath": "/a?x=1", "time": 0.2},
        {"@timestamp": "2024-10-10T13:55:36Z", "http": {"request": {"method": "GET"}}, "url": {"original": "/a?x=1"}},
        {"log": line("/a?x=1") + "\n", "stream": "stdout", "time": "2024-10-10T13:55:36Z"},
        {"log": 'INFO: 10.0.0.1:5 - "GET /a?x=1 HTTP/1.1" 200 OK\n', "time": "2024-10-10T13:55:36.123456789Z"},
    ],
)
def test_json_lines_are_understood_whatever_their_keys_are_called(tmp_path, fields):
    found, tape = replay(tmp_path, json.dumps(fields))
    assert (found.requests[0].method, tape) == ("GET", [(0, "/a?x=1")])


def test_an_array_with_an_object_a_line_is_a_log_too(tmp_path):
    objects = [json.dumps({"ts": 1728568536 + number, "method": "GET", "url": f"/{number}"}) for number in range(3)]
    found, tape = replay(tmp_path, f"[{objects[0]},", f"{objects[1]},", f"{objects[2]}]")
    assert (len(tape), found.skipped) == (3, ())


def test_times_with_fractions_are_kept_and_with_whole_seconds_are_spread(tmp_path):
    def entry(at, path):
        return json.dumps({"time": at, "method": "GET", "path": path})

    fine = [entry("2024-10-10T10:00:00.900Z", "/a"), entry("2024-10-10T10:00:01.150Z", "/b")]
    found, tape = replay(tmp_path, *fine)
    assert tape == [(0, "/a"), (0.25, "/b")]
    assert found.notices == ()
    _, tape = replay(tmp_path, *(line(f"/{number}", number // 4) for number in range(6)))
    assert tape == [(0, "/0"), (0.25, "/1"), (0.5, "/2"), (0.75, "/3"), (1, "/4"), (1.5, "/5")]


def test_time_zones_count(tmp_path):
    _, tape = replay(tmp_path, line("/a", 0, zone="+0200"), line("/b", 4, zone="+0200"), line("/c", 2, zone="+0200"))
    assert tape == [(0, "/a"), (2, "/c"), (4, "/b")]
    early, late = '[10/Oct/2024:13:00:00 +0200] "GET /a HTTP/1.1"', '[10/Oct/2024:07:00:05 -0400] "GET /b HTTP/1.1"'
    _, tape = replay(tmp_path, late, early)
    assert tape == [(0, "/a"), (5, "/b")]


def test_lines_out_of_order_are_sorted_within_ten_seconds_and_come_with_the_latest_one_otherwise(tmp_path):
    lines = [line("/a", 0), line("/b", 9), line("/c", 2), line("/d", 40), line("/e", 60), line("/late", 5)]
    found, tape = replay(tmp_path, *lines)
    assert tape == [(0, "/a"), (2, "/c"), (9, "/b"), (40, "/d"), (40.5, "/late"), (60, "/e")]
    assert "1 request more than 10 s out of order: sent with the latest one before" in found.notices


def test_only_get_and_head_are_sent_and_the_others_are_counted(tmp_path):
    others = [line(method=method) for method in ("POST", "POST", "DELETE", "PROPFIND")]
    found, tape = replay(tmp_path, line("/a"), *others)
    assert len(tape) == 1
    assert found.skipped == (
        "POST: 2 requests; only GET and HEAD are sent, a log has no bodies",
        "DELETE: 1 request; only GET and HEAD are sent, a log has no bodies",
        "other methods: 1 request; only GET and HEAD are sent, a log has no bodies",
    )


def test_lines_that_are_not_understood_are_counted_and_three_shown_harmlessly(tmp_path):
    broken = ["\x1b[31mred", line(request="-"), line(request=r"\x16\x03\x01"), line(request="GET"), "x" * 10_000_000]
    found, tape = replay(tmp_path, line("/a"), "", *broken, line("/b", 1).replace("Oct", "Okt"), line("/c", 3))
    assert [path for _, path in tape] == ["/a", "/c"]
    assert found.skipped[0] == "6 lines of the log that cannot be understood"
    assert found.skipped[1] == r"line 3: \x1b[31mred"
    assert len(found.skipped) == 4
    assert max(map(len, found.skipped)) < 250


def test_escapes_of_servers_and_odd_bytes_become_a_path_that_can_be_sent(tmp_path):
    found, _ = replay(
        tmp_path,
        line(r"/caf\xc3\xa9/\x22q\x22"),
        line("/a b/ü#c"),
        line(r"/\"x\""),
        line("/%20?a=[1]&b={2}"),
        line("/\udcff"),
        line("http://h:80?x"),
        line("//twice"),
    )
    assert [each.path for each in found.requests] == [
        "/caf%C3%A9/%22q%22",
        "/a%20b/%C3%BC%23c",
        "/%22x%22",
        "/%20?a=[1]&b=%7B2%7D",
        "/%FF",
        "/?x",
        "//twice",
    ]


def test_a_packed_log_is_unpacked_whatever_it_is_called(tmp_path):
    (tmp_path / "access.log.2").write_bytes(
        gzip.compress(line("/a").encode(), mtime=0) + gzip.compress(b"\n" + line("/b", 1).encode(), mtime=0)
    )
    found = read_access_log(tmp_path / "access.log.2", tmp_path / "tape")
    assert [each.path for each in found.requests] == ["/a", "/b"]


def test_a_log_of_another_format_is_read_with_a_pattern(tmp_path):
    lines = ["2024-10-10 10:00:00,000 GET /a 200", "2024-10-10 10:00:01,500 GET /b 200"]
    pattern = r"^(?P<time>\S+ \S+) (?P<method>\S+) (?P<path>\S+)"
    _, tape = replay(tmp_path, *lines, pattern=pattern)
    assert tape == [(0, "/a"), (1.5, "/b")]


@pytest.mark.parametrize(
    ("pattern", "message", "details"),
    [
        (r"(?P<time>\S+", "no regular expression: missing ), unterminated subpattern", (r"(?P<time>\S+", "^")),
        (r"(?P<time>a)*+*", "no regular expression: multiple repeat", ("", "             ^")),
        (r"a{99999999999999999999}", "no regular expression", ()),
        (r"(?P<time>\S+) (?P<method>\S+)", "no group path", (r"(?P<time>\S+) (?P<method>\S+)",)),
        (r"(?P<tiem>.) (?P<method>.) (?P<path>.)", "no group time", ("", "(?P<tiem>...): did you mean time?")),
        (r".*", "no group time, method, path", (".*",)),
    ],
)
def test_a_wrong_pattern_says_where(tmp_path, pattern, message, details):
    error = refused(tmp_path, line().encode(), pattern=pattern)
    assert message in error.message
    assert all(wanted in got for wanted, got in zip(details, error.details, strict=False))
    assert len(error.details) >= len(details)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \n\0\0\n", "is empty"),
        (b"hello\nworld\n", "says when which request came"),
        (b'INFO: 1.2.3.4:5 - "GET / HTTP/1.1" 200 OK\n', "says when which request came"),
        (b'{"level": "info"}\n[1]\n{\n', "says when which request came"),
        (line(method="POST").encode(), "has no request that can be sent again"),
        (gzip.compress(line().encode() * 9, mtime=0)[:-12], "is gzip, and damaged"),
        (b"\x1f\x8bnothing", "is gzip, and damaged"),
        (bytes(range(256)) * 20, "says when which request came"),
    ],
)
def test_a_log_that_cannot_be_replayed_says_why_and_leaves_no_tape(tmp_path, content, message):
    error = refused(tmp_path, content)
    assert message in error.message
    assert error.hint


def test_a_tape_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "access.log").write_text(line())
    with pytest.raises(UsageError, match="cannot be written"):
        read_access_log(tmp_path / "access.log", tmp_path / "nowhere" / "tape")


def test_a_long_silence_is_said(tmp_path):
    found, _ = replay(tmp_path, line("/a", 0), line("/b", 1), line("/c", 1801))
    assert "the log is silent for 1,800 s after 2024-10-10 11:00:01 UTC" in found.notices


def test_beyond_the_most_different_requests_others_of_the_same_endpoint_stand_in(tmp_path, monkeypatch):
    table = Different(most=3)
    numbers = [table.number("GET", path) for path in ("/u/1", "/u/2", "/a", "/u/3", "/u/4", "/u/1", "/b")]
    assert numbers[:3] == [0, 1, 2]
    assert set(numbers[3:5]) == {0, 1}
    assert numbers[5:] == [0, -1]
    assert (table.folded, table.left_over) == (2, 1)
    assert sum(each.weight for each in table.requests()) == 6
    monkeypatch.setattr(different, "MOST_REQUESTS", 3)
    assert len(sendable("/" + "x" * 20_000)) == 0


def test_memory_does_not_grow_with_the_log(tmp_path):
    import tracemalloc

    def peak(lines):
        with (tmp_path / "long.log").open("w") as file:
            file.writelines(line(f"/users/{number % 50}", number // 100) + "\n" for number in range(lines))
        tracemalloc.start()
        try:
            read_access_log(tmp_path / "long.log", tmp_path / "tape")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(20_000) < 1.5 * peak(5_000)


pieces = st.sampled_from(
    [
        "[10/Oct/2024:13:00:00 +0200]",
        '"GET /a HTTP/1.1"',
        '"',
        "\\",
        "{",
        "}",
        '{"time":1e400}',
        "[",
        "]",
        "\\x1",
        " 200",
    ]
)
logs = st.binary(max_size=80) | st.lists(pieces | st.text(max_size=6), max_size=8).map(
    lambda words: " ".join(words).encode()
)
jsons = st.dictionaries(
    st.sampled_from(["time", "method", "path", "request", "url", "log", "args"]),
    st.text(max_size=6)
    | st.integers()
    | st.floats(allow_nan=False)
    | st.none()
    | st.sampled_from([line(), {"url": {}}]),
).map(lambda fields: json.dumps(fields).encode())


@settings(max_examples=300, deadline=None)
@given(st.lists(logs | jsons, max_size=4))
def test_arbitrary_logs_raise_nothing_but_usage_errors(tmp_path_factory, lines):
    folder = tmp_path_factory.getbasetemp()
    (folder / "fuzz.log").write_bytes(b"\n".join(lines))
    try:
        found = read_access_log(folder / "fuzz.log", folder / "fuzz.tape")
    except UsageError:
        return
    offsets = [json.loads(text)[0] for text in (folder / "fuzz.tape").read_text().splitlines()]
    assert offsets[0] == 0
    assert offsets == sorted(offsets)
    assert len(offsets) == sum(each.weight for each in found.requests)
