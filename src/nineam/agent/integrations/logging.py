"""Logging: what records and handlers take, on behalf of the request that logs."""

from .layers import timed


def install(agent, module):
    """Time what a logger does once its level lets something pass: making the record, and all handlers.

    Formatting and the handlers' locks are theirs. Finding the line that logs is not seen: a frame of ours would be it.
    """
    timer = timed(agent.layer("logging"))
    agent.patcher.wrap(module.Logger, "makeRecord", timer)
    agent.patcher.wrap(module.Logger, "callHandlers", timer)
