"""JSON libraries written in C or Rust, where the application calls them."""

from .builtin import standing_in
from .pydantic import serializing


def install(agent, module):
    """Time `dumps` and `loads` (orjson, ujson, rapidjson name them alike)."""
    for name in ("dumps", "loads"):
        agent.patcher.wrap(module, name, standing_in(serializing(agent)))
