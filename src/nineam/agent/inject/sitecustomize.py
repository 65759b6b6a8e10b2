"""Loaded by every Python the application starts, because this directory is on its PYTHONPATH.

It brings up the agent, steps out of `sys.path`, and then runs the `sitecustomize` it stands in front of.
Whatever goes wrong in here stays in here: the application starts as it would have without us.
"""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))


def _load_agent():
    from importlib.util import module_from_spec, spec_from_file_location

    package = os.path.dirname(_here)
    spec = spec_from_file_location(
        "nineam_agent", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    module = module_from_spec(spec)
    sys.modules["nineam_agent"] = module
    spec.loader.exec_module(module)
    from nineam_agent.boot import start

    start(os.environ)


def _run_shadowed():
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _here]
if os.environ.get("NINEAM_SOCKET") and os.environ.get("NINEAM_AGENT") != "off":
    try:
        _load_agent()
    except Exception as error:
        sys.stderr.write("nineam: the agent did not start (%r); the application goes on without it\n" % (error,))
_run_shadowed()
