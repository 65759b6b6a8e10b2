"""A pytest plugin: each test runs inside a request's record, so that every hook that it meets is at work."""

import contextlib

import pytest


@contextlib.contextmanager
def in_a_request(name):
    """Open a record as a framework's hook would, and close it however the block ends."""
    from nineam_agent import boot  # noqa: PLC0415 - comes with the interpreter
    from nineam_agent.request import Request, current, reset  # noqa: PLC0415

    request = Request("GET", 0)
    request.endpoint = boot._agent.names.get("endpoint", name)
    boot._agent.recorder.begin(request)
    token = current.set(request)
    try:
        yield
    finally:
        reset(token)
        boot._agent.recorder.finish(request)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Run the test itself inside, not its fixtures."""
    with in_a_request(item.nodeid):
        return (yield)
