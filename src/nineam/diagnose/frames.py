"""Which frames of a sampled stack are worth reading: not the server's, not the agent's, not the framework's way in."""

import re

Frames = tuple[str, ...]

_FILE = re.compile(r"\((?:.*(?:site-packages|dist-packages|python3\.\d+)/)?([^()]*):\w+\)$")
_SERVER = (
    "asyncio/",
    "concurrent/futures/",
    "gunicorn/",
    "granian/",
    "hypercorn/",
    "http/server.py",
    "multiprocessing/",
    "runpy.py",
    "<frozen runpy>",
    "socketserver.py",
    "threading.py",
    "uvicorn/",
    "uvicorn_worker/",
    "uvloop/",
    "waitress/",
    "werkzeug/serving.py",
    "wsgiref/",
    "anyio/_backends/",
    "django/core/servers/",
    "django/core/management/",
)
_AGENT = ("nineam_agent/", "nineam/agent/")
_WAY_IN = (
    "starlette/",
    "fastapi/",
    "anyio/",
    "asgiref/",
    "contextlib.py",
    "contextvars.py",
    "django/core/handlers/",
    "django/utils/decorators.py",
    "django/utils/deprecation.py",
    "django/views/",
    "rest_framework/views.py",
    "rest_framework/viewsets.py",
    "flask/app.py",
    "flask/views.py",
    "werkzeug/",
)
_WORK = (
    "fastapi/dependencies/",
    "fastapi/encoders.py",
    "starlette/formparsers.py",
    "starlette/requests.py",
    "starlette/responses.py",
    "starlette/staticfiles.py",
    "starlette/templating.py",
    "werkzeug/formparser.py",
    "werkzeug/wrappers/",
)


def readable(frames: Frames, layer: str) -> Frames:
    """Return a stack, root first, from the first frame that tells something.

    The server's frames go, and the framework's on the way to the application. Of a stack that is the framework's to
    its end the last frame stays; where the layer is the framework's own work, all of it. A function that goes on in
    the same line, in a comprehension or in itself, is one frame.
    """
    own = tuple(frame for frame in frames if not file_of(frame).startswith(_AGENT))
    own = tuple(frame for frame, before in zip(own, ("", *own), strict=False) if frame != before)
    inside = _without(own, _SERVER)
    way_in = inside if layer == "framework" or layer.startswith("middleware:") else inside[-1:]
    return _without(inside, _WAY_IN) or way_in or own[-1:]


def file_of(frame: str) -> str:
    """Return the file of `function (file:line)` without the directory that libraries are installed in."""
    found = _FILE.search(frame)
    return found.group(1) if found else ""


def _without(frames: Frames, files: tuple[str, ...]) -> Frames:
    """Drop frames from the root as long as they are of some files."""
    for index, frame in enumerate(frames):
        if not file_of(frame).startswith(files) or file_of(frame).startswith(_WORK):
            return frames[index:]
    return ()
