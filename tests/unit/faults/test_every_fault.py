"""Every fault on real sockets: it must touch living and new connections alike, and healing must end it."""

import hashlib
import os
import socket
import time

import pytest

from nineam.faults.kinds import FAULTS
from nineam.faults.way import MOST_HELD

MS = 0.001
PASSING = {
    "latency": {"latency": 40},
    "bandwidth": {"rate": 1000},
    "slow_close": {"delay": 1},
    "slicer": {"average_size": 3, "size_variation": 1, "delay": 10},
    "limit_data": {"bytes": 1_000_000},
    "cut_after": {"bytes": 1_000_000},
    "drip": {"bytes_per_second": 2000},
    "reset_peer": {"timeout": 60_000},
    "http_status": {},
    "http_hang": {},
}


def elapsed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


@pytest.mark.parametrize("fault", PASSING)
def test_what_a_fault_lets_through_is_whole_in_both_directions(proxy, talk, fault):
    living = talk()
    assert living.echo("before") == "before"
    streams = {"stream": "both"} if fault in ("bandwidth", "slicer", "drip", "limit_data", "cut_after") else {}
    proxy.apply(fault, PASSING[fault] | streams)
    for each in (living, talk()):
        assert each.echo("during") == "during"
        assert each.give(300) == (bytes(range(256)) * 2)[:300]
    proxy.heal(fault)
    assert living.echo("after") == "after"


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.NAME)
def test_a_fault_that_met_nobody_says_so_and_a_healed_one_is_gone(proxy, talk, kind):
    proxy.apply(kind.NAME, {"rate": 1} if kind.NAME == "bandwidth" else {"bytes": 0} if "bytes" in fields(kind) else {})
    (count,) = proxy.heal(kind.NAME)
    assert (count.fault, count.active, count.times, count.touched) == (kind.NAME, False, 0, False)
    assert talk().echo() == "hello"
    assert proxy.heal(kind.NAME) == ()


def fields(kind):
    return kind.__struct_fields__


# --- later ---


def test_latency_makes_every_round_trip_longer_and_counts_it(proxy, talk, touched):
    living = talk()
    living.echo()
    proxy.apply("latency", {"latency": 40})
    assert elapsed(living.echo) >= 40 * MS
    assert elapsed(lambda: talk().give(1_000_000)) >= 40 * MS
    count = touched("latency")
    assert count.connections == 2
    assert count.bytes >= 1_000_000
    proxy.heal()
    living.echo()
    assert touched("latency").times == count.times


def test_a_handshake_may_be_charged_to_the_first_bytes(proxy, talk):
    proxy.apply("latency", {"latency": 20, "handshake": True})
    assert elapsed(talk().echo) >= 40 * MS


def test_healing_delivers_what_latency_still_holds(proxy, talk):
    living = talk()
    proxy.apply("latency", {"latency": 80_000_000})
    living.send(b"echo at last\n")
    assert living.silent()
    proxy.heal("latency")
    assert living.line() == b"at last\n"


def test_bandwidth_takes_its_time(proxy, talk, touched):
    proxy.apply("bandwidth", {"rate": 100})
    assert elapsed(lambda: talk().give(10_000)) >= 100 * MS
    assert touched("bandwidth").bytes == 10_000


def test_a_drip_comes_byte_by_byte(proxy, talk):
    proxy.apply("drip", {"bytes_per_second": 100})
    assert elapsed(lambda: talk().give(10)) >= 100 * MS


def test_slices_come_apart(proxy, talk, touched):
    proxy.apply("slicer", {"average_size": 10, "delay": 2000})
    living = talk()
    living.send(b"give 100\n")
    assert len(living.socket.recv(100)) < 100
    assert touched("slicer").times >= 1


def test_a_connection_closes_later(proxy, talk, touched):
    proxy.apply("slow_close", {"delay": 50})
    living = talk()
    living.echo()
    living.send(b"close\n")
    assert elapsed(living.rest) >= 50 * MS
    assert touched("slow_close").connections == 1


def test_healing_closes_what_slow_close_holds_open(proxy, talk):
    proxy.apply("slow_close", {"delay": 80_000_000})
    living = talk()
    living.echo()
    living.send(b"close\n")
    assert living.silent()
    proxy.heal()
    assert living.rest() == (b"", "closed")


# --- ends ---


@pytest.mark.parametrize(("fault", "end"), [("limit_data", "closed"), ("cut_after", "reset")])
@pytest.mark.parametrize("size", [0, 1, 70_000])
def test_an_answer_ends_after_so_many_bytes(proxy, talk, touched, fault, end, size):
    living = talk()
    living.echo()
    proxy.apply(fault, {"bytes": size})
    for each in (living, talk()):
        each.send(b"give 200000\n")
        received, how = each.rest()
        assert (len(received), how) == (size, end)
    assert touched(fault).connections == 2
    proxy.heal()
    assert talk().echo() == "hello"


def test_a_reset_reaches_both_sides_of_living_and_new_connections(proxy, talk, fate, touched):
    living = talk()
    living.echo()
    proxy.apply("reset_peer")
    assert living.rest() == (b"", "reset")
    assert fate() == (b"", "reset")
    assert touched("reset_peer").connections == 2
    proxy.heal()
    assert talk().echo() == "hello"


def test_a_reset_may_come_later(proxy, talk):
    proxy.apply("reset_peer", {"timeout": 100})
    living = talk()
    living.send(b"echo still there\n")
    assert living.rest() == (b"still there\n", "reset")


def test_toxicity_chooses_connections_and_nought_is_nobody(proxy, talk, touched):
    proxy.apply("reset_peer", {"toxicity": 0})
    assert talk().echo() == "hello"
    assert touched("reset_peer").times == 0
    proxy.apply("reset_peer", {"toxicity": 0.5})

    def is_reset():
        try:
            each = talk()
            each.send(b"echo hello\n")
            return each.socket.recv(100) == b""
        except ConnectionError:
            return True

    assert {is_reset() for _ in range(40)} == {True, False}


# --- silence ---


def test_a_timeout_loses_data_and_closes(proxy, talk, touched):
    living = talk()
    living.echo()
    proxy.apply("timeout", {"timeout": 50})
    living.send(b"echo lost\n")
    assert living.rest() == (b"", "closed")
    assert talk().rest() == (b"", "closed")
    assert touched("timeout").connections == 2


def test_healing_an_endless_timeout_closes(proxy, talk, touched, eventually):
    proxy.apply("timeout")
    living = talk()
    living.send(b"echo lost\n")
    eventually(lambda: touched("timeout").bytes == len("lost\n"))
    assert living.silent()
    proxy.heal()
    assert living.rest() == (b"", "closed")


def test_a_stall_that_resumes_delivers_everything_in_order(proxy, talk, touched, eventually):
    living = talk()
    living.echo()
    proxy.apply("stall")
    fresh = talk()
    for each in (living, fresh):
        each.send(b"echo one\n")
        each.send(b"echo two\n")
        assert each.silent()
    eventually(lambda: touched("stall").connections == 2)
    proxy.heal()
    for each in (living, fresh):
        assert each.exactly(8) == b"one\ntwo\n"
        assert each.echo("three") == "three"


def test_a_stall_that_resets_breaks_everybody_who_was_there(proxy, talk):
    living = talk()
    living.echo()
    proxy.apply("stall", {"heal": "reset"})
    fresh = talk()
    fresh.send(b"echo lost\n")
    proxy.heal()
    assert living.rest() == fresh.rest() == (b"", "reset")
    assert talk().echo() == "hello"


def test_zombies_stay_silent_while_new_connections_work(proxy, talk, eventually):
    living = talk()
    living.echo()
    proxy.apply("stall", {"heal": "zombie"})
    fresh = talk()
    fresh.send(b"echo lost\n")
    assert fresh.silent()
    proxy.heal()
    assert talk().echo() == "hello"
    for each in (living, fresh):
        each.send(b"echo lost\n" * 1000)
        assert each.silent()
        each.close()
    eventually(lambda: proxy.counts()[0].living == 1)


def test_a_zombie_meets_no_further_fault(proxy, talk):
    living = talk()
    living.echo()
    proxy.apply("stall", {"heal": "zombie"})
    proxy.heal()
    proxy.apply("latency", {"latency": 1})
    proxy.heal()
    living.send(b"echo lost\n")
    assert living.silent()


# --- no way in ---


def test_down_resets_and_refuses_and_up_is_the_same_port(proxy, talk, touched):
    living = talk()
    living.echo()
    proxy.apply("down")
    assert living.rest() == (b"", "reset")
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            talk()
    assert touched("down").connections == 1
    proxy.heal()
    assert talk().echo() == "hello"


def test_a_black_hole_swallows_attempts_while_living_connections_go_on(proxy, talk, touched):
    living = talk()
    living.echo()
    proxy.apply("connect_blackhole")
    with socket.socket() as attempt:
        attempt.settimeout(0.2)
        with pytest.raises(TimeoutError):
            attempt.connect(("127.0.0.1", proxy.ports["dependency"]))
    assert living.echo() == "hello"
    assert touched("connect_blackhole").times == 1
    proxy.heal()
    assert talk().echo() == "hello"


def test_an_attempt_that_waited_comes_through_when_the_black_hole_is_healed(proxy, talk, touched, eventually):
    proxy.apply("connect_blackhole")
    with socket.socket() as attempt:
        attempt.setblocking(False)
        assert attempt.connect_ex(("127.0.0.1", proxy.ports["dependency"])) != 0
        eventually(lambda: touched("connect_blackhole").times)
        proxy.heal()
        attempt.settimeout(20)
        eventually(lambda: attempt.connect_ex(("127.0.0.1", proxy.ports["dependency"])) in (0, 106))
        attempt.sendall(b"echo late\n")
        assert attempt.recv(100) == b"late\n"


def test_down_beats_a_black_hole_and_leaves_it_behind(proxy, talk):
    proxy.apply("connect_blackhole")
    proxy.apply("down")
    with pytest.raises(ConnectionRefusedError):
        talk()
    proxy.heal("down")
    with socket.socket() as attempt:
        attempt.settimeout(0.1)
        with pytest.raises(TimeoutError):
            attempt.connect(("127.0.0.1", proxy.ports["dependency"]))
    proxy.heal()
    assert talk().echo() == "hello"


def test_flapping_goes_down_and_up_and_down_again_until_it_is_healed(proxy, talk, touched, eventually):
    living = talk()
    living.echo()
    proxy.apply("flap", {"down": 50, "up": 50})
    assert living.rest() == (b"", "reset")

    def is_up():
        try:
            talk()
        except ConnectionRefusedError:
            return False
        return True

    for _ in range(2):
        eventually(is_up)
        eventually(lambda: not is_up())
    assert touched("flap").connections >= 2
    proxy.heal()
    assert is_up()
    assert talk().echo() == "hello"


# --- together ---


def test_faults_add_up_and_are_healed_one_by_one(proxy, talk, touched):
    proxy.apply("latency", {"latency": 40})
    proxy.apply("slicer", {"average_size": 5})
    proxy.apply("bandwidth", {"rate": 10_000, "stream": "both"})
    living = talk()
    assert elapsed(lambda: living.echo("through all of them")) >= 40 * MS
    assert all(touched(fault).touched for fault in ("latency", "slicer", "bandwidth"))
    proxy.heal("slicer")
    assert living.give(5000)[-1] == 4999 % 256
    assert {each.fault for each in proxy.counts()[0].faults if each.active} == {"latency", "bandwidth"}


def test_a_fault_applied_again_takes_the_place_of_the_first(proxy, talk):
    living = talk()
    proxy.apply("latency", {"latency": 80_000_000})
    living.send(b"echo held\n")
    proxy.apply("latency", {"latency": 1})
    assert living.line() == b"held\n"
    assert [each.active for each in proxy.counts()[0].faults][-2:] == [False, True]


def test_nothing_is_lost_or_out_of_order_under_several_faults_at_once(proxy, talk):
    proxy.apply("latency", {"latency": 4, "jitter": 4})
    proxy.apply("slicer", {"average_size": 5000, "size_variation": 4000, "stream": "both"})
    proxy.apply("bandwidth", {"rate": 50_000, "stream": "both"})
    each, data = talk(), os.urandom(2_000_000)
    each.send(b"take %d\n" % len(data) + data)
    assert each.line().decode().strip() == hashlib.sha256(data).hexdigest()
    received = each.give(2_000_000)
    assert received == (bytes(range(256)) * 8000)[:2_000_000]


def test_a_stall_holds_the_dependency_up_when_much_is_held_and_loses_nothing(proxy, talk, touched, eventually):
    each, size = talk(), 60_000_000
    each.echo()
    proxy.apply("stall", {"stream": "downstream"})
    each.send(b"give %d\n" % size)
    eventually(lambda: touched("stall").bytes >= MOST_HELD)
    assert each.silent()
    assert touched("stall").bytes < size / 2
    proxy.heal()
    received = each.exactly(size)
    assert hashlib.sha256(received).digest() == hashlib.sha256(bytes(range(256)) * (size // 256)).digest()
