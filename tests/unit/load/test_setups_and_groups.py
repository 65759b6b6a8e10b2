"""A setup is run once for each user, whichever journeys name it; a group counts when it was not cut off."""

import asyncio

import pytest

from nineam import script


def journey(name, function, setup=None, teardown=None):
    return script.Journey(name, function, 1.0, setup, teardown, "")


async def iterate(user, *journeys):
    for each in journeys:
        done = asyncio.get_running_loop().create_future()
        user.finished = lambda _, nothing, done=done: done.done() or done.set_result(nothing)
        user.run(each, 0)
        await done


def test_journeys_that_name_the_same_setup_share_it(with_user):
    calls = []

    async def login(user):
        calls.append("login")

    async def logout(user):
        calls.append("logout")

    async def other(user):
        calls.append("other")

    async def visit(user):
        calls.append("visit")

    @with_user()
    async def _(server, user, collector):
        browse, buy = journey("browse", visit, login, logout), journey("buy", visit, login, logout)
        await iterate(user, browse, buy, browse, journey("sell", visit, other))

    assert calls == ["login", "visit", "visit", "visit", "other", "visit", "logout"]


@pytest.mark.parametrize(("error", "counted"), [(asyncio.CancelledError, 0), (GeneratorExit, 0), (KeyError, 1)])
def test_a_group_that_was_cut_off_has_no_duration(with_user, error, counted):
    @with_user()
    async def stats(server, user, collector):
        script.attach(collector)
        with pytest.raises(error), user.group("checkout"):
            raise error
        script.attach(None)
        return collector.take()

    counts = [stats.timings[name].count for name in stats.timings if name.startswith("group_duration")]
    assert counts == [1, 1][: 2 * counted]
