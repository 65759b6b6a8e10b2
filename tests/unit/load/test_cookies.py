"""What a user's cookie jar keeps, sends, and forgets."""

import email.utils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.load.cookies import LARGEST, MOST, Jar

NOW = 1_800_000_000.0


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def jar(clock):
    return Jar(clock)


def test_no_more_are_kept_than_a_browser_keeps_and_the_oldest_go_first(jar):
    for number in range(2000):
        jar.store([f"c{number}=1"])
    assert len(jar.kept) == MOST
    assert jar.header("/").split("; ") == [f"c{number}=1" for number in range(2000 - MOST, 2000)]


def test_one_that_is_too_large_is_not_kept(jar):
    jar.store(["a=" + "x" * LARGEST, "b=" + "x" * (LARGEST - 1)])
    assert [name for name, _ in jar.kept] == ["b"]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/", "/"),
        ("/login", "/"),
        ("/auth/login", "/auth"),
        ("/auth/", "/auth"),
        ("/a/b/c?next=/d/e", "/a/b"),
        ("", "/"),
    ],
)
@pytest.mark.parametrize("attribute", ["", "; Path=", "; Path=relative"])
def test_without_a_path_a_cookie_belongs_to_the_directory_of_the_request(jar, asked, path, attribute):
    jar.store([f"a=1{attribute}"], asked)
    assert list(jar.kept) == [("a", path)]


def test_it_goes_to_that_directory_alone(jar):
    jar.store(["a=1"], "/shop/cart/add")
    found = [jar.header(path) for path in ("/shop/cart", "/shop/cart/remove", "/shop/carts", "/shop", "/")]
    assert found == ["a=1", "a=1", "", "", ""]


def dated(seconds):
    return email.utils.formatdate(NOW + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ("Max-Age=10", 10),
        (f"Expires={dated(60)}", 60),
        (f"Expires={dated(-60)}; Max-Age=10", 10),
        (f"Expires={dated(60)}; Max-Age=soon", 60),
    ],
)
@pytest.mark.parametrize("path", ["/", "/shop"])
def test_a_cookie_is_sent_until_it_expires(jar, clock, attributes, seconds, path):
    jar.store([f"a=1; Path={path}; {attributes}", f"b=2; Path={path}"])
    clock.now = NOW + seconds - 1
    assert jar.header("/shop") == "a=1; b=2"
    clock.now = NOW + seconds
    assert jar.header("/shop") == "b=2"


def test_a_cookie_that_is_set_again_expires_as_it_says_the_last_time(jar, clock):
    jar.store(["a=1; Max-Age=10"])
    jar.store(["a=2"])
    clock.now += 11
    assert jar.header("/") == "a=2"


@pytest.mark.parametrize("end", ["Max-Age=0", "Max-Age=-1", "Max-Age=-999999999999999999999999", f"Expires={dated(0)}"])
def test_one_that_has_expired_removes_what_was_kept(jar, end):
    jar.store(["a=1; Max-Age=5"])
    jar.store([f"a=; {end}"])
    assert (jar.header("/"), jar.kept) == ("", {})


@given(st.lists(st.text(max_size=60), max_size=20), st.text(max_size=30))
def test_whatever_a_server_sets_nothing_breaks(lines, asked):
    jar = Jar()
    jar.store(lines, asked)
    jar.store(["a=1" + line for line in lines], asked)
    jar.header(asked)
    assert len(jar.kept) <= MOST


@given(st.from_regex(r"\A(Max-Age|Expires)=[0-9a-zA-Z ,:+-]{0,30}\Z"))
def test_an_end_that_cannot_be_read_is_none(end):
    jar = Jar()
    jar.store([f"a=1; {end}"])
    assert jar.header("/") in ("a=1", "")
