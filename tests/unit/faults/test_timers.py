"""Timers: what is due is called, in its order, and never before."""

import asyncio

import pytest

from nineam.faults.timers import Timers, now_ns

MS = 1_000_000


def with_timers(body, *, fine=True):
    async def main():
        timers = Timers(asyncio.get_running_loop())
        if not fine:
            timers.close()  # as where the system has no timerfd
        try:
            return await body(timers)
        finally:
            timers.close()

    return asyncio.run(main())


@pytest.mark.parametrize("fine", [True, False])
def test_timers_come_in_the_order_of_their_instants_and_never_early(fine):
    async def body(timers):
        done, called, begin = asyncio.Event(), [], now_ns()
        for delay in (9, 3, 6, 3, 0):
            timers.at(begin + delay * MS, lambda delay=delay: called.append((delay, now_ns() - begin)))
        timers.at(begin + 12 * MS, done.set)
        await asyncio.wait_for(done.wait(), 10)
        return called

    called = with_timers(body, fine=fine)
    assert [delay for delay, _ in called] == [0, 3, 3, 6, 9]
    assert all(late >= delay * MS for delay, late in called)


def test_a_timer_that_was_cancelled_is_not_called():
    async def body(timers):
        done, called = asyncio.Event(), []
        timers.after(MS, lambda: called.append("cancelled")).cancel()
        timers.after(2 * MS, done.set)
        await asyncio.wait_for(done.wait(), 10)
        return called

    assert with_timers(body) == []


def test_a_timer_may_set_another_that_is_due_already():
    async def body(timers):
        done = asyncio.Event()
        timers.after(MS, lambda: timers.at(0, done.set))
        await asyncio.wait_for(done.wait(), 10)
        return True

    assert with_timers(body)
