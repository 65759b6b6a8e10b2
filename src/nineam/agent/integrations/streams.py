"""asyncio's streams, which redis-py and the drivers of MySQL write to: whose connection a request waits on."""

from ..arrivals import leaving


def install(agent, module):
    """Leave the connection that is written to with the request."""
    for name in ("write", "writelines"):
        agent.patcher.wrap(module.StreamWriter, name, leaving(lambda writer, *_: writer.transport))
