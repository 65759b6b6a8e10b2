"""When something arrived: the kernel knows, for TCP; of everything else, and of the dead, nothing is known."""

import random
import socket
import sys
import time
from importlib import import_module
from statistics import median
from types import SimpleNamespace

import kit  # noqa: F401 - makes the agent's modules importable
import pytest

arrivals = import_module("nineam.agent.arrivals")

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the time of the last arrival")


class Transport:
    def __init__(self, connection):
        self.connection = connection

    def get_extra_info(self, name):
        return {"socket": self.connection}[name]


@pytest.fixture
def pair():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = socket.create_connection(listening.getsockname())
        there, _ = listening.accept()
        with here, there:
            yield here, there


def offs(connection, sender, times):
    """How much later than sent something arrived, by the kernel; pauses are in step with no clock."""
    choice = random.Random(4)
    off = []
    for _ in range(times):
        sender.sendall(b"!")
        sent = time.perf_counter_ns()
        time.sleep(choice.uniform(0.005, 0.02))
        now = time.perf_counter_ns()
        at = arrivals.arrived(connection, now, now)
        off.append(at - sent)
    return off


@LINUX
def test_the_kernel_tells_when_bytes_arrived_right_on_average(pair):
    here, there = pair
    off = offs(Transport(here), there, 30)
    assert abs(median(off)) < arrivals.TICK_NS
    assert median(map(abs, off)) < arrivals.TICK_NS


@LINUX
def test_what_libpq_connects_is_asked_by_its_descriptor(pair):
    here, there = pair
    off = offs(SimpleNamespace(socket=here.fileno()), there, 5)
    assert median(map(abs, off)) < 2 * arrivals.TICK_NS
    there.sendall(b"still there")
    here.settimeout(5)
    assert here.recv(100).endswith(b"still there")


def test_nothing_is_known_of_sockets_of_another_family_nor_of_closed_ones():
    now = time.perf_counter_ns()
    one, other = socket.socketpair()
    with other:
        assert arrivals.arrived(Transport(one), now, now) is None
        one.close()
        assert arrivals.arrived(Transport(one), now, now) is None
    assert arrivals.arrived(Transport(None), now, now) is None
    assert arrivals.arrived(None, now, now) is None


def test_a_library_that_changed_costs_the_kernels_help_and_nothing_else():
    request = SimpleNamespace(stack=[7], wire="before")
    token = arrivals.current.set(request)
    try:
        write = arrivals.leaving(lambda writer, *_: writer.gone)(lambda writer, data: len(data))
        assert write(object(), b"12345") == 5
        assert request.wire is None
    finally:
        arrivals.current.reset(token)
