"""requests: the whole of a call, redirects and the answer's body included."""

from .outgoing import Outgoing, named_url


def install(agent, module):
    """Time `Session.send`, through which every call goes."""
    outgoing = Outgoing(agent, lambda _, prepared, **__: named_url(prepared.method, prepared.url))
    agent.patcher.wrap(module.Session, "send", outgoing.call)
