"""requests: the whole of a call, redirects and the answer's body included."""

from .outgoing import Outgoing, named_url


def install(agent, module):
    """Time and count `Session.send`, through which every call goes; what prepares one is the client's work too."""
    outgoing = Outgoing(agent, lambda _, prepared, **__: named_url(prepared.method, prepared.url))
    agent.patcher.wrap(module.Session, "send", outgoing.call)
    agent.patcher.wrap(module.Session, "request", outgoing.part)
