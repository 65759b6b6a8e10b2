"""The built-in set: the same for the same seed, bounded, and never more than one request in a request."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.model import Hole, Operation, RequestSpec
from nineam.payloads.aim import Aim, aim_of_operation, aim_of_request, aim_of_route
from nineam.payloads.builtin import builtin
from nineam.payloads.frozen import is_unfit
from nineam.payloads.ordinary import controls
from nineam.payloads.values import IN_JSON, json_text

LARGEST = 1_100_000
WORD = st.text("abcxyz", min_size=1, max_size=6)
AIMS = st.builds(
    lambda method, words, query, body: Aim(
        name=f"{method} /{'/'.join(words)}",
        method=method,
        segments=tuple(words),
        values=tuple(range(0, len(words), 2)),
        query=tuple((name, "1") for name in query),
        body=json.dumps(body).encode() if body else b"",
    ),
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE"]),
    st.lists(WORD, min_size=1, max_size=3),
    st.lists(WORD, max_size=2, unique=True),
    st.none() | st.dictionaries(WORD, st.integers() | st.lists(st.none(), max_size=2), max_size=3),
)


@settings(max_examples=15)
@given(st.lists(AIMS, min_size=1, max_size=2), st.integers(), st.integers(1, 120))
def test_a_set_is_a_function_of_endpoints_and_seed_and_is_bounded(aims, seed, most):
    made = builtin(aims, seed, most)
    assert made == builtin(aims, seed, most)
    assert 0 < len(made) <= most
    assert len({payload.id for payload in made}) == len(made)
    for payload in made:
        wire = payload.over_the_wire("127.0.0.1:8000")
        head = wire.partition(b"\r\n\r\n")[0]
        assert len(wire) <= LARGEST
        assert not is_unfit(payload)
        assert head.count(b"\r\n") == head.count(b"\n")
        assert head.split(b"\r\n")[0].count(b" ") == 2


def test_another_seed_chooses_others():
    aims = [aim_of_route("GET", "/items/{id}")]
    assert builtin(aims, 1, 20) != builtin(aims, 2, 20)


def test_every_endpoint_and_part_has_its_share_of_a_small_set():
    aims = [aim_of_route("GET", "/items/{id}"), aim_of_route("POST", "/items")]
    made = builtin(aims, 1, 24)
    shares = {(payload.endpoint, payload.part) for payload in made}
    assert {("GET /items/{id}", part) for part in ("path", "query", "head", "framing")} <= shares
    assert {("POST /items", part) for part in ("query", "head", "body", "framing")} <= shares


def test_the_address_of_a_request_that_is_not_safe_keeps_its_path():
    made = builtin([aim_of_route("DELETE", "/items/{id}"), aim_of_route("POST", "/items/{id}")], 1)
    assert {payload.path for payload in made} == {"/items/1"}


def test_every_field_of_an_ordinary_body_is_left_out_and_replaced():
    request = RequestSpec(
        method="POST", path="/orders", name="POST /orders", body=b'{"name": "x", "lines": [{"id": 1}]}'
    )
    made = builtin([aim_of_request(request)], 1)
    said = {payload.what for payload in made}
    assert {"name missing in the JSON", "lines[0].id missing in the JSON"} <= said
    assert {f"{what} for lines[0].id in the JSON" for what, _ in IN_JSON} <= said


def test_numbers_too_large_for_a_float_are_written_so_that_every_parser_reads_them():
    assert json_text({"a": float("inf")}) == b'{"a": 1e999}'


def test_no_login_of_an_ordinary_request_gets_into_a_set():
    headers = (("Authorization", "Bearer s3cret"), ("X-Auth-Token", "s3cret"), ("X-Team", "blue"))
    made = builtin([aim_of_request(RequestSpec(method="GET", path="/x?a=1", name="x", headers=headers))], 1)
    assert all(b"s3cret" not in payload.over_the_wire("h") for payload in made)
    assert all(b"x-team: blue" in payload.over_the_wire("h") for payload in made)


@pytest.mark.parametrize(
    ("path", "body", "kept"),
    [
        ("/x?access_token=s3cret&page=2", b"", b"page=2"),
        ("/login", b'{"name": "me", "Password": "s3cret", "more": [{"apiKey": "s3cret"}]}', b'"name": "me"'),
        ("/books", b'{"author": "me", "author_id": 5, "secret": "s3cret"}', b'{"author": "me", "author_id": 5'),
        ("/login", b"name=me&password=s3cret&csrf_token=s3cret", b"name=me"),
    ],
)
def test_no_secret_of_an_ordinary_query_or_body_does_either(path, body, kept):
    aim = aim_of_request(RequestSpec(method="POST", path=path, name="x", body=body))
    made = controls([aim]) + builtin([aim], 1)
    assert all(b"s3cret" not in payload.over_the_wire("h") for payload in made)
    assert any(kept in payload.over_the_wire("h") for payload in made)


def test_an_operation_s_holes_are_where_values_stand():
    operation = Operation(
        method="GET",
        path=("/users/", Hole(choices=("7",)), "/orders?page=", Hole(choices=("2",))),
        name="GET /users/{id}/orders",
    )
    aim = aim_of_operation(operation, names=("page", "limit"))
    assert (aim.path, aim.values, aim.query) == ("/users/7/orders", (1,), (("page", "2"), ("limit", "1")))


def test_routes_and_numbers_in_paths_are_where_values_stand():
    assert aim_of_route("GET", "/a/{b}/c").values == (1,)
    assert aim_of_request(RequestSpec(method="GET", path="/a/12/c", name="x")).values == (1,)
    assert aim_of_request(RequestSpec(method="GET", path="/", name="x")).path == "/"
