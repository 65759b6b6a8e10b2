"""The standard library's HTTP client, which urllib uses, and urllib3 beneath its own."""

from .layers import timed
from .outgoing import Outgoing, named, waits_at


def install(agent, module):
    """Time connecting, sending, waiting for the answer (which is what counts a call), and reading it."""
    connection, response = module.HTTPConnection, module.HTTPResponse
    outgoing = Outgoing(agent, _target)
    agent.patcher.wrap(connection, "connect", timed(agent.layer("http_connect")))
    agent.patcher.wrap(module.HTTPSConnection, "connect", timed(agent.layer("http_connect")))
    agent.patcher.wrap(connection, "request", outgoing.part)
    agent.patcher.wrap(connection, "getresponse", lambda original: outgoing.call(waits_at(original)))
    for name in ("read", "read1", "readinto", "readline"):
        agent.patcher.wrap(response, name, outgoing.part)


def _target(connection, *_, **__):
    # the method is forgotten by now, except that the connection keeps it to know what answer to expect
    scheme = "https" if connection.default_port == 443 else "http"
    return named(getattr(connection, "_method", None) or "GET", scheme, connection.host, connection.port)
