"""Django's templates: finding, compiling and rendering them, and rendering lazy responses."""

from .layers import timed, timed_once


def install_template(agent, module):
    """Time rendering; templates that one includes are part of it."""
    agent.patcher.wrap(module.Template, "render", timed_once(agent.layer("template")))


def install_engine(agent, module):
    """Time finding and compiling."""
    for name in ("get_template", "select_template", "from_string"):
        agent.patcher.wrap(module.Engine, name, timed_once(agent.layer("template")))


def install_response(agent, module):
    """Time responses that are rendered when the view is over."""
    agent.patcher.wrap(module.SimpleTemplateResponse, "render", timed(agent.layer("response")))
