"""It is nine a.m. on Monday, on your own machine: what breaks first, why, and at which line.

A `monday.py` imports from here; the names are looked up when they are asked for, so importing does nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nineam.feeds import feed
    from nineam.load.response import Response
    from nineam.load.sse import Event
    from nineam.load.streaming import StreamedResponse
    from nineam.load.users import User
    from nineam.load.websocket import WebSocket, WebSocketClosed, WebSocketError, WebSocketRefused, WebSocketTimeout
    from nineam.script import check, counter, gauge, group, journey, metric, rate

__version__ = "0.1.0"
__all__ = [
    "Event",
    "Response",
    "StreamedResponse",
    "User",
    "WebSocket",
    "WebSocketClosed",
    "WebSocketError",
    "WebSocketRefused",
    "WebSocketTimeout",
    "check",
    "counter",
    "feed",
    "gauge",
    "group",
    "journey",
    "metric",
    "rate",
]

_HOMES = {
    "Event": "nineam.load.sse",
    "Response": "nineam.load.response",
    "StreamedResponse": "nineam.load.streaming",
    "User": "nineam.load.users",
    "WebSocket": "nineam.load.websocket",
    "WebSocketClosed": "nineam.load.websocket",
    "WebSocketError": "nineam.load.websocket",
    "WebSocketRefused": "nineam.load.websocket",
    "WebSocketTimeout": "nineam.load.websocket",
    "check": "nineam.script",
    "counter": "nineam.script",
    "feed": "nineam.feeds",
    "gauge": "nineam.script",
    "group": "nineam.script",
    "journey": "nineam.script",
    "metric": "nineam.script",
    "rate": "nineam.script",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nineam' has no attribute '{name}'")
    import importlib  # noqa: PLC0415 - importing nineam does nothing

    return getattr(importlib.import_module(_HOMES[name]), name)
