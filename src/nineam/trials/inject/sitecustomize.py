"""Loaded by every Python that an application on trial starts, because this directory is on its PYTHONPATH.

It has connections redirected, steps out of `sys.path`, and then runs the `sitecustomize` it stands in front of.
Whatever goes wrong in here stays in here: the application starts as it would have without us.
"""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))


def _load(name, *path):
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, os.path.join(*path))
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


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
if os.environ.get("NINEAM_REDIRECT"):
    try:
        _imports = _load("nineam_trial_imports", os.path.dirname(os.path.dirname(_here)), "agent", "imports.py")
        _load("nineam_trial_redirection", _here, "redirection.py").start(os.environ, _imports.ImportHook)
    except Exception as error:
        sys.stderr.write("nineam: connections are not redirected (%r); the application goes on\n" % (error,))
_run_shadowed()
