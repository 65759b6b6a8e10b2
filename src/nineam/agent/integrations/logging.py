"""Logging: what handlers take, on behalf of the request that logs."""

from .layers import timed


def install(agent, module):
    """Time what a logger does with a record that passed its level: all handlers, formatting and locks included."""
    agent.patcher.wrap(module.Logger, "callHandlers", timed(agent.layer("logging")))
