"""Clients that are unlike the others, as people write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.model import CLIENT_PROFILES, ClientShare
from nineam.traffic.clients import ensure_fits, parse_clients, parse_clients_table


def count(profile, number):
    return ClientShare(profile=profile, count=number)


def share(profile, part):
    return ClientShare(profile=profile, share=part)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("slow=3, hostile=1", (count("slow", 3), count("hostile", 1))),
        ("slow-reader=3,hostile=1", (count("slow-reader", 3), count("hostile", 1))),
        ("mobile=30%", (share("mobile", 0.3),)),
        (" mobile = 2.5 % , 3g=1 ", (share("mobile", 0.025), count("3g", 1))),
        ("hostile=0, mobile=0%", ()),
        ("mobile=100%", (share("mobile", 1.0),)),
    ],
)
def test_clients_are_counted_or_are_shares(text, expected):
    assert parse_clients(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("slowreader=3", ("slowreader", "no such clients", "Did you mean 'slow-reader'?")),
        ("slow=3, hostil=1", ("hostil", "        ^^^^^^^^", "Did you mean 'hostile'?")),
        ("modem=3", ("modem", "slow-reader, slow-sender", "Name one of these")),
        ("slow", ("got 'slow'", "NAME=COUNT")),
        ("", ("got ''", "NAME=COUNT")),
        ("slow=3,", ("got ''",)),
        ("=3", ("got '=3'",)),
        ("slow=", ("slow is ''", "whole number or 0% to 100%")),
        ("slow=many", ("slow is 'many'",)),
        ("slow=-1", ("slow is '-1'",)),
        ("slow=0.3", ("slow is '0.3'",)),
        ("slow=٣", ("slow is",)),
        ("slow=9999999", ("slow is '9999999'",)),
        ("mobile=101%", ("mobile is '101%'",)),
        ("mobile=60%, 3g=50%", ("110% together", "not exceed 100%")),
        ("slow=1, slow=2", ("slow is there twice",)),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_was_expected(text, words):
    with pytest.raises(UsageError) as caught:
        parse_clients(text)
    said = "\n".join((caught.value.message, *caught.value.details, caught.value.hint))
    assert all(word in said for word in words), said
    assert caught.value.message.startswith("--clients")


@given(st.text() | st.text("slow-readhti=,%0123456789. "))
@example("slow=1%%")
@example("slow=1\n")
def test_any_text_gives_clients_or_a_usage_error(text):
    try:
        found = parse_clients(text)
    except UsageError:
        return
    assert all(each.profile in CLIENT_PROFILES and (each.count > 0) != (each.share > 0) for each in found)


def test_a_table_of_the_settings_says_the_same():
    assert parse_clients_table({"slow": 3, "mobile": "30%"}, "nineam.toml") == parse_clients("slow=3, mobile=30%")
    assert parse_clients_table({}, "nineam.toml") == ()


@pytest.mark.parametrize("amount", [0.3, True, None, "x", [3], {"count": 3}, -1])
def test_an_amount_in_a_table_that_is_none_is_told_with_its_place(amount):
    with pytest.raises(UsageError) as caught:
        parse_clients_table({"slow": amount}, "nineam.toml: clients")
    assert caught.value.message.startswith("nineam.toml: clients: slow is")


def test_more_clients_than_users_do_not_fit():
    three = parse_clients("slow=3, hostile=1, mobile=50%")
    ensure_fits(three, 4)
    with pytest.raises(UsageError, match="slow=3, hostile=1 is 4 clients, and there are only 3 users"):
        ensure_fits(three, 3)


def test_a_count_needs_a_number_of_users_and_a_share_does_not():
    with pytest.raises(UsageError, match="no number of users"):
        ensure_fits(parse_clients("slow=3"), 0)
    ensure_fits(parse_clients("slow=3%"), 0)
    ensure_fits((), 0)
