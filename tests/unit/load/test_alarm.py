import asyncio
import time

import pytest

from nineam.load import alarm as alarm_module
from nineam.load.alarm import Alarm
from nineam.load.http import Client


def ring(due_in_ms):
    """The order and instants at which wake-ups came, in milliseconds from now."""

    async def main():
        alarm = Alarm(asyncio.get_running_loop())
        began = time.perf_counter_ns()
        rung, all_rung = [], asyncio.Event()

        def note(due_ns):
            rung.append((round((due_ns - began) / 1e6), (time.perf_counter_ns() - due_ns) / 1e6))
            if len(rung) == len(due_in_ms):
                all_rung.set()

        for due in due_in_ms:
            alarm.at(began + round(due * 1e6), note)
        await asyncio.wait_for(all_rung.wait(), 10)
        alarm.close()
        return rung

    return asyncio.run(main())


@pytest.fixture(params=["kernel timer", "loop timer"])
def _either_timer(request, monkeypatch):
    if request.param == "loop timer":
        monkeypatch.setattr(alarm_module, "_kernel_timer", lambda: None)


@pytest.mark.usefixtures("_either_timer")
@pytest.mark.parametrize("due_in_ms", [[5], [20, 5, 10], [3, 3, 3], [-10, 0, 5], list(range(200))])
def test_wake_ups_come_in_order_and_never_early(due_in_ms):
    rung = ring(due_in_ms)
    assert [due for due, _ in rung] == sorted(due_in_ms)
    assert all(late >= 0 for _, late in rung)


def test_a_wake_up_may_ask_for_the_next():
    async def main():
        alarm = Alarm(asyncio.get_running_loop())
        done = asyncio.get_running_loop().create_future()
        count = 0

        def again(due_ns):
            nonlocal count
            count += 1
            if count == 300:
                done.set_result(count)
            else:
                alarm.at(due_ns + 10_000, again)

        alarm.at(time.perf_counter_ns(), again)
        try:
            return await asyncio.wait_for(done, 10)
        finally:
            alarm.close()

    assert asyncio.run(main()) == 300


def test_sleeping_takes_at_least_the_time_asked_for():
    async def main():
        alarm = Alarm(asyncio.get_running_loop())
        began = time.perf_counter_ns()
        await asyncio.gather(*(alarm.sleep(0.01) for _ in range(3)))
        alarm.close()
        return time.perf_counter_ns() - began

    assert asyncio.run(main()) >= 10_000_000


@pytest.mark.usefixtures("_either_timer")
def test_a_wake_up_that_raises_is_told_and_stops_no_other():
    async def main():
        told, rung, all_rung = [], [], asyncio.Event()
        alarm = Alarm(asyncio.get_running_loop(), told.append)

        def broken(_):
            raise RuntimeError("mine")

        def note(due_ns):
            rung.append(due_ns)
            if len(rung) == 1:
                alarm.at(time.perf_counter_ns() + 2_000_000, note)
            else:
                all_rung.set()

        now = time.perf_counter_ns()
        alarm.at(now, broken)
        alarm.at(now + 1_000_000, note)
        await asyncio.wait_for(all_rung.wait(), 10)
        alarm.close()
        return [str(error) for error in told]

    assert asyncio.run(main()) == ["mine"]


def test_without_anybody_to_tell_the_loop_is_told():
    async def main():
        contexts = asyncio.Queue()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: contexts.put_nowait(context))
        alarm = Alarm(loop)
        alarm.at(0, [].index)
        context = await asyncio.wait_for(contexts.get(), 10)
        alarm.close()
        return type(context["exception"])

    assert asyncio.run(main()) is ValueError


def test_a_look_for_timeouts_that_fails_is_told_and_not_the_last():
    async def main():
        client = Client("http://127.0.0.1:1")
        told = asyncio.Queue()
        client.sweeper.failed = told.put_nowait
        client.connections.add(None)  # whatever it is, it is no connection
        client.sweep()
        found = [await asyncio.wait_for(told.get(), 10) for _ in range(3)]
        client.sweeper.stop()
        return {type(each) for each in found}

    assert asyncio.run(main()) == {AttributeError}
