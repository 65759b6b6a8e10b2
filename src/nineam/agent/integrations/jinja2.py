"""Templates."""

from .layers import timed, timed_async


def install(agent, module):
    """Time the rendering of whole templates."""
    layer = agent.layer("template")
    agent.patcher.wrap(module.Template, "render", timed(layer))
    agent.patcher.wrap(module.Template, "render_async", timed_async(layer))
