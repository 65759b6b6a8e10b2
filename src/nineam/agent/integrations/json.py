"""The standard library's JSON, where the application calls it."""

from .pydantic import serializing


def install(agent, module):
    """Time the two functions everybody uses; `dump` and `load` are files' business."""
    for name in ("dumps", "loads"):
        agent.patcher.wrap(module, name, serializing(agent))
