"""Which requests trials send when there are more than they have time for."""

from nineam.cli.trial_traffic import _named_apart, _too_many, chosen_of
from nineam.model import RequestSpec


def request(path, name="", method="GET"):
    return RequestSpec(method=method, path=path, name=name or f"{method} {path}")


def test_every_endpoint_is_asked_before_any_is_asked_twice():
    orders = [request(f"/orders/{number}", "GET /orders/{id}") for number in range(40)]
    listed = [*orders, request("/hook", method="POST"), request("/hook")]
    assert [each.path for each in chosen_of(listed, 4)] == ["/orders/0", "/orders/1", "/hook", "/hook"]


def test_of_too_many_endpoints_the_first_are_asked_in_their_order():
    listed = [request(f"/{letter}") for letter in "abcdef"]
    assert chosen_of(listed, 4) == tuple(listed[:4])
    assert chosen_of(listed, 20) == tuple(listed)


def test_names_that_tell_requests_apart_hold_no_secret():
    listed = [request("/feed?token=s3cret&page=1", "GET /feed"), request("/feed?token=s3cret&page=2", "GET /feed")]
    found = _named_apart(tuple(listed))
    assert [each.name for each in found] == ["GET /feed", "GET /feed (/feed?token=1&page=2)"]
    assert [each.path for each in found] == [each.path for each in listed]


def test_who_gave_a_list_is_not_told_to_give_one():
    assert "20 of the 43 requests that --urls lists" in _too_many(43, listed=True)
    assert "--urls FILE says which" in _too_many(43, listed=False)
