"""What is not put to the test, and why; an application's own address is no dependency of it."""

import socket

from nineam.model.trial import Dependency
from nineam.trials.scout import _by_role, _reachable


def service(port, source="SITE_ROOT"):
    return Dependency(name="site", role="http", kind="http", host="localhost", port=port, sources=(source,))


def test_an_application_that_names_itself_depends_on_nobody_for_that():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        kept, refused = _reachable([service(port)], ())
    assert kept == ()
    assert _by_role(refused, f"http://127.0.0.1:{port}") == {}
    assert "SITE_ROOT" in _by_role(refused, f"http://127.0.0.1:{port + 1}")["http"]
