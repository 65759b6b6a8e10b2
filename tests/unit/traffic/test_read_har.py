import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.traffic.har import read_har

SHOP = "https://shop.example"


def entry(url="/", at=0.0, ms=100, method="GET", **changes):
    """A recorded request `at` seconds past nine, answered after `ms` milliseconds."""
    request = {"method": method, "url": url if ":" in url else SHOP + url, "headers": changes.pop("headers", [])}
    if "post" in changes:
        request["postData"] = changes.pop("post")
    response = {"status": changes.pop("status", 200), "content": {"mimeType": changes.pop("kind", "application/json")}}
    if "location" in changes:
        response["redirectURL"] = changes.pop("location")
    began = f"2024-03-04T09:{int(at // 60):02d}:{at % 60:06.3f}+01:00"
    return {"startedDateTime": began, "time": ms, "request": request, "response": response, **changes}


def written(tmp_path, *entries, pages=None):
    log = {"version": "1.2", "creator": {"name": "test"}, "entries": list(entries)}
    (tmp_path / "day.har").write_text(json.dumps({"log": log if pages is None else log | {"pages": pages}}))
    return tmp_path / "day.har"


def steps(tmp_path, *entries, **options):
    (recording,) = read_har(written(tmp_path, *entries), **options).recordings
    return recording.steps


def only(tmp_path, **changes):
    (step,) = steps(tmp_path, entry(**changes))
    return step.request


def pairs(**headers):
    return [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()]


def refused(path, **options):
    with pytest.raises(UsageError) as caught:
        read_har(path, **options)
    return caught.value


def test_requests_keep_method_query_and_order_of_time_and_are_named_by_their_endpoint(tmp_path):
    found = steps(tmp_path, entry("/users/17?full=1", at=3), entry("/", at=1), entry("/cart", at=2, method="post"))
    assert [(each.request.method, each.request.path) for each in found] == [
        ("GET", "/"),
        ("POST", "/cart"),
        ("GET", "/users/17?full=1"),
    ]
    assert found[2].request.name == "GET /users/{id}"


def test_a_user_thinks_from_the_end_of_everything_before(tmp_path):
    found = steps(
        tmp_path,
        entry("/", at=0, ms=2000),
        entry("/overlaps", at=1, ms=100),
        entry("/later", at=4.5, ms=0),
        entry("/tomorrow", at=3000),
    )
    assert [each.think_s for each in found] == [0.0, 0.0, 2.5, 30.0]


def test_headers_are_kept_except_those_of_the_connection_and_the_clients_own(tmp_path):
    sent = pairs(
        Accept="text/html",
        Authorization="Bearer x",
        Host="shop.example",
        Cookie="a=1",
        Connection="keep-alive",
        Content_Length="3",
        Accept_Encoding="br",
        X_Two="1",
    )
    broken = [{"name": ":path", "value": "/"}, {"name": "bad name", "value": "1"}, {"name": "X-Two", "value": "2\r\n3"}]
    request = only(tmp_path, headers=sent + broken)
    assert dict(request.headers) == {"accept": "text/html", "authorization": "Bearer x", "x-two": "1, 2 3"}


@pytest.mark.parametrize(
    ("post", "kind", "body"),
    [
        ({"mimeType": "application/json", "text": '{"a":"ü"}'}, "application/json", '{"a":"ü"}'.encode()),
        (
            {
                "mimeType": "application/octet-stream",
                "text": base64.b64encode(b"\0\xff").decode(),
                "encoding": "base64",
            },
            "application/octet-stream",
            b"\0\xff",
        ),
        (
            {
                "mimeType": "application/x-www-form-urlencoded",
                "params": [{"name": "a b", "value": "c&d"}, {"name": "e"}],
            },
            "application/x-www-form-urlencoded",
            b"a+b=c%26d&e=",
        ),
        ({"params": [{"name": "a", "value": "1"}]}, "application/x-www-form-urlencoded", b"a=1"),
    ],
)
def test_bodies_come_from_text_or_from_the_fields_of_a_form(tmp_path, post, kind, body):
    request = only(tmp_path, method="POST", post=post)
    assert (dict(request.headers)["content-type"], request.body) == (kind, body)


def test_a_form_with_files_is_put_together_again(tmp_path):
    fields = [{"name": "title", "value": "me"}, {"name": "f", "fileName": 'a".txt', "contentType": "text/plain"}]
    headers = pairs(Content_Type="multipart/form-data; boundary=browser")
    post = {"mimeType": "multipart/form-data", "params": fields}
    request = only(tmp_path, method="POST", headers=headers, post=post)
    kind = dict(request.headers)["content-type"]
    boundary = kind.partition("boundary=")[2].encode()
    assert kind.startswith("multipart/form-data; boundary=")
    assert boundary != b"browser"
    parts = request.body.split(b"--" + boundary)
    assert parts[1] == b'\r\nContent-Disposition: form-data; name="title"\r\n\r\nme\r\n'
    assert b'filename="a%22.txt"\r\nContent-Type: text/plain\r\n\r\n\r\n' in parts[2]
    assert parts[3] == b"--\r\n"


def test_a_multipart_text_keeps_the_boundary_it_was_sent_with(tmp_path):
    headers = pairs(Content_Type="multipart/form-data; boundary=browser")
    text = "--browser\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--browser--\r\n"
    request = only(tmp_path, method="POST", headers=headers, post={"mimeType": "multipart/form-data", "text": text})
    assert dict(request.headers)["content-type"] == "multipart/form-data; boundary=browser"
    assert request.body == text.encode()


def test_the_whole_file_is_one_journey_because_a_page_behind_a_login_needs_the_login_before_it(tmp_path):
    pages = [{"id": "p1", "title": "start"}, {"id": "p2", "title": "cart"}, "broken"]
    path = written(tmp_path, entry("/", at=0, pageref="p1"), entry("/cart", at=20, pageref="p2"), pages=pages)
    (recording,) = read_har(path).recordings
    assert [step.request.path for step in recording.steps] == ["/", "/cart"]
    assert 0 < recording.steps[1].think_s <= 20


def test_the_recording_is_called_like_the_file(tmp_path):
    (recording,) = read_har(written(tmp_path, entry())).recordings
    assert (recording.name, recording.origin) == ("day", SHOP)


def test_the_origin_of_the_first_page_is_replayed_and_the_others_are_counted(tmp_path):
    path = written(
        tmp_path,
        entry("https://sso.example/", at=0, kind="text/html", status=302),
        entry("/", at=1, kind="text/html; charset=utf-8"),
        *(entry("https://cdn.example/a.js", at=2, kind="text/javascript") for _ in range(5)),
        entry("https://ads.example/x", at=3),
        entry("https://ads.example/y", at=3),
    )
    found = read_har(path)
    assert [each.origin for each in found.recordings] == [SHOP]
    assert found.skipped == (
        f"https://cdn.example: 5 requests; only {SHOP} is replayed",
        f"https://ads.example: 2 requests; only {SHOP} is replayed",
        f"https://sso.example: 1 request; only {SHOP} is replayed",
    )


def test_behind_a_development_server_of_pages_stands_the_application(tmp_path):
    page = entry("http://localhost:3000/", kind="text/html")
    scripts = [entry(f"http://localhost:3000/{number}.js", kind="text/javascript") for number in range(9)]
    calls = [entry("http://localhost:8000/api", at=1), entry("http://localhost:8000/api", at=2)]
    found = read_har(written(tmp_path, page, *scripts, *calls))
    assert [each.origin for each in found.recordings] == ["http://localhost:8000"]


def test_without_a_page_the_origin_asked_most_is_replayed_and_another_one_can_be_asked_for(tmp_path):
    path = written(tmp_path, entry("http://a.example/"), entry("/x"), entry("/y"))
    assert read_har(path).recordings[0].origin == SHOP
    assert read_har(path, origin="http://a.example/").recordings[0].origin == "http://a.example"
    error = refused(path, origin="http://b.example")
    assert "no request that can be sent again" in error.message
    assert f"{SHOP}: 2 requests; only http://b.example is replayed" in error.details


def test_what_no_server_answers_is_left_out_and_named(tmp_path):
    path = written(
        tmp_path,
        entry("/"),
        entry("data:image/png;base64,AAAA"),
        entry("blob:https://shop.example/1"),
        entry("wss://shop.example/live"),
        entry("/socket", status=101),
        entry("shop.example:443", method="CONNECT"),
    )
    found = read_har(path)
    assert len(found.recordings[0].steps) == 1
    assert "2 requests to a WebSocket" in found.skipped
    assert "1 request to data:, which no server answers" in found.skipped
    assert "1 request to blob:, which no server answers" in found.skipped


def test_the_target_of_a_redirect_is_not_sent_twice(tmp_path):
    path = written(
        tmp_path,
        entry("/login", at=0, method="POST", status=302, location="/home"),
        entry("/pixel", at=0.05),
        entry("/home", at=0.1, status=301, location=f"{SHOP}/home/?a=1#top"),
        entry("/home/?a=1", at=0.3),
        entry("/home", at=20),
    )
    found = read_har(path)
    assert [each.request.path for each in found.recordings[0].steps] == ["/login", "/pixel", "/home"]
    assert "2 requests that a redirect leads to anyway" in found.skipped


def test_a_redirect_elsewhere_or_without_an_address_drops_nothing(tmp_path):
    found = steps(
        tmp_path,
        entry("/a", status=302, location="https://sso.example/"),
        entry("/a", at=1, status=302),
        entry("/", at=2),
    )
    assert len(found) == 3


def test_malformed_entries_are_counted_and_the_first_three_shown(tmp_path):
    broken = [7, {"request": {}}, entry("http:///x"), entry(method="G E T"), entry(startedDateTime="noon")]
    found = read_har(written(tmp_path, *broken, entry("/fine")))
    assert [each.request.path for each in found.recordings[0].steps] == ["/fine"]
    assert found.skipped[0] == "5 malformed entries"
    assert found.skipped[1].startswith("entry 1: Expected `object`, got `int`")
    assert found.skipped[2].startswith("entry 2: Object missing required field")
    assert len(found.skipped) == 4


def test_entries_without_a_time_follow_each_other_at_once(tmp_path):
    timeless = [{"request": {"method": "GET", "url": f"http://x.example/{name}"}} for name in "abc"]
    found = steps(tmp_path, *timeless)
    assert [(each.request.path, each.think_s) for each in found] == [("/a", 0), ("/b", 0), ("/c", 0)]


def test_a_host_is_told_from_another_by_its_port_unless_that_is_the_usual_one(tmp_path):
    urls = ("https://SHOP.example:443/", "https://shop.example/", "https://shop.example:444/", "https://[::1]:5/")
    found = read_har(written(tmp_path, *(entry(url) for url in urls)))
    assert len(found.recordings[0].steps) == 2
    assert [line.partition(": ")[0] for line in found.skipped] == ["https://shop.example:444", "https://[::1]:5"]


@pytest.mark.parametrize(
    ("content", "message", "details"),
    [
        (b"", "is empty", ""),
        (b"   \n", "is empty", ""),
        (b'{"log": {"entries": []}}', "is empty: log.entries has no requests", ""),
        (b'{"log": {"pages": []}}', "is JSON, but no HAR", "got: there is no log.entries in it"),
        (b'{"openapi": "3.1.0"}', "is JSON, but no HAR", "got: there is no log in it"),
        (b'{"log": {"entries": {}}}', "is JSON, but no HAR", "Expected `array | null`, got `object`"),
        (b"[1]", "is JSON, but no HAR", "got `array`"),
        (b'{"log": {"entries": [', ":1 is not JSON: Input data was truncated", ""),
        (b'{\n "log": <html>', ":2 is not JSON: JSON is malformed: invalid character", '"log": <html>'),
        (b"\xff\xfe\xff", "is not UTF-16", ""),
        (b'{"log":\n"\xff"}', ":2 is not UTF-8", ""),
    ],
)
def test_a_file_that_is_no_har_says_what_and_where(tmp_path, content, message, details):
    (tmp_path / "day.har").write_bytes(content)
    error = refused(tmp_path / "day.har")
    assert message in error.message
    assert details in "\n".join(error.details)
    assert error.hint


def test_a_file_that_is_not_there_suggests_the_nearest_one(tmp_path):
    written(tmp_path, entry())
    assert "day.har" in refused(tmp_path / "dya.har").hint
    assert "no HAR file at" in refused(tmp_path / "nowhere" / "day.har").message
    assert "is a directory" in refused(tmp_path).message


def test_marks_of_encodings_are_understood(tmp_path):
    text = written(tmp_path, entry()).read_text()
    for encoding in ("utf-8-sig", "utf-16"):
        (tmp_path / "marked.har").write_text(text, encoding=encoding)
        assert len(read_har(tmp_path / "marked.har").recordings) == 1


def test_a_long_answer_in_the_file_does_no_harm(tmp_path):
    long = entry("/")
    long["response"]["content"]["text"] = "x" * 12_000_000
    assert len(steps(tmp_path, long, entry("/b", at=1))) == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
odd = json_values | st.sampled_from(["http://[", "http://x:99999/", "http://h/\udc80", "//", "2024-13-01", "GET", "::"])
entries = st.fixed_dictionaries(
    {
        "startedDateTime": st.sampled_from(["2024-01-01T00:00:00Z", "0001-01-01T00:00:00Z"]) | odd,
        "time": st.sampled_from([1, -1, 1e300]) | odd,
        "request": st.fixed_dictionaries(
            {"method": st.just("GET") | odd, "url": st.just("http://h/a") | odd},
            optional={
                "headers": st.lists(st.fixed_dictionaries({"name": odd, "value": odd}), max_size=2) | odd,
                "postData": st.fixed_dictionaries({}, optional={"text": odd, "params": odd, "mimeType": odd}) | odd,
            },
        )
        | odd,
    },
    optional={
        "response": st.fixed_dictionaries({"status": st.just(302), "redirectURL": odd}) | odd,
        "pageref": odd,
    },
)


@settings(max_examples=150, deadline=None)
@given(st.lists(entries, max_size=4), st.lists(odd, max_size=2) | odd)
def test_arbitrary_entries_raise_nothing_but_usage_errors(tmp_path_factory, found, pages):
    path = tmp_path_factory.getbasetemp() / "fuzz.har"
    path.write_text(json.dumps({"log": {"entries": found, "pages": pages}}))
    try:
        recorded = read_har(path)
    except UsageError:
        return
    assert all(recording.steps for recording in recorded.recordings)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_arbitrary_bytes_raise_nothing_but_usage_errors(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "bytes.har"
    path.write_bytes(content)
    with pytest.raises(UsageError):
        read_har(path)
