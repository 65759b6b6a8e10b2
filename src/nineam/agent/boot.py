"""Starts and stops the agent in a process of the application. Imports nothing the application did not."""

import atexit
import os

_agent = None


class Agent:
    """What the integrations share: the recorder, the application's frames, and the patcher that undoes."""

    def __init__(self, recorder, frames, patcher):
        self.recorder = recorder
        self.names = recorder.names
        self.frames = frames
        self.patcher = patcher
        self.endpoints = {}
        self.statements = {}

    def layer(self, name):
        """Return the number of a layer."""
        return self.names.get("layer", name)

    def site(self, frame):
        """Return the number of the application's line at or above `frame`, with its caller (0 when there is none)."""
        return self.names.get("site", self.frames.site(frame))


def start(environ):
    """Bring up the agent; safe to call twice. Nothing is patched until the application imports something known."""
    global _agent
    if _agent is not None:
        return _agent
    from .frames import Frames
    from .imports import ImportHook
    from .integrations import INSTALLERS
    from .patcher import Patcher
    from .recorder import Recorder

    recorder = Recorder(environ["NINEAM_SOCKET"], environ.get("NINEAM_TOKEN", ""))
    roots = environ.get("NINEAM_ROOT", os.getcwd()).split(os.pathsep)
    frames = Frames(roots, lambda site: recorder.source("loop", site, site))
    agent = _agent = Agent(recorder, frames, Patcher())
    recorder.make_sampler = lambda: _sampler(agent)
    hook = agent.import_hook = ImportHook(INSTALLERS, lambda name, module, make: _install(agent, name, module, make))
    hook.install()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=recorder.before_fork, after_in_child=recorder.after_fork)
    atexit.register(recorder.stop)
    return agent


def _sampler(agent):
    from .sampler import Sampler

    return Sampler(agent)


def _install(agent, name, module, installer):
    from importlib import import_module

    file, function = installer
    try:
        integration = import_module(".integrations." + file, __package__)
        getattr(integration, function)(agent, module)
    except Exception as error:
        agent.recorder.hook(name, "failed: %s: %s" % (type(error).__name__, error))
    else:
        agent.recorder.hook(name, "active")


def stop():
    """Undo every replacement, send what is left, and be gone."""
    global _agent
    if _agent is None:
        return
    agent, _agent = _agent, None
    agent.import_hook.remove()
    agent.patcher.undo()
    agent.recorder.stop()
    atexit.unregister(agent.recorder.stop)
