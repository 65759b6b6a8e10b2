"""Which line of a Django application asks for something: Python first, then the line of a template, then the view.

Between a statement and the line that causes it lie some thirty frames of Django's. What each piece of code
is gets looked up once; it is kept, so that its identity is not somebody else's later.
"""

import sys
from contextvars import ContextVar

crossing = ContextVar("nineam_crossing", default=None)

BOUNDARIES = []
"""Code above which a stack is not the caller's any more: a view's (middlewares follow), an adapter's other end."""

LIBRARY, OWN, BOUNDARY, TEMPLATE = range(4)
KEPT = 20000
_sites = {}


def sites_of(agent):
    """Return the one `Sites` of this process's agent."""
    if _sites.get("agent") is not agent:
        _sites.update(agent=agent, sites=Sites(agent))
    return _sites["sites"]


class Sites:
    """Numbers of lines by code object and line."""

    def __init__(self, agent):
        self._agent = agent
        self._kinds = {}
        self._kept = []
        self._lines = {}

    def above(self, frame):
        """Return the number of the application's line at or above `frame` and below the view's caller, or 0."""
        kind_of = self._kinds.get
        template = None
        while frame is not None:
            code = frame.f_code
            kind = kind_of(id(code))
            if kind is None:
                kind = self._kind(code)
            if kind:
                if kind == OWN:
                    return self._number(template) if template else self._line(code, frame)
                if kind == BOUNDARY:
                    break
                template = template or _line_of_template(self._agent.frames, frame)
            frame = frame.f_back
        return self._number(template) if template else 0

    def of(self, request, frame):
        """Return the same, going on where a thread or a loop was entered from; the view's line is the last resort."""
        found = self.above(frame)
        if not found:
            state = crossing.get()
            found = state.site if state is not None and state.request is request else 0
        return found or request.where

    def _kind(self, code):
        if any(code is boundary for boundary in BOUNDARIES):
            kind = BOUNDARY
        elif self._agent.frames.shown(code.co_filename) is not None:
            kind = OWN
        else:
            kind = TEMPLATE if code.co_name == "render_annotated" else LIBRARY
        if len(self._kinds) < KEPT:
            self._kinds[id(code)] = kind
            self._kept.append(code)
        return kind

    def _line(self, code, frame):
        back = frame.f_back
        key = (id(code), frame.f_lineno) if back is None else (id(code), frame.f_lineno, id(back.f_code), back.f_lasti)
        number = self._lines.get(key)
        if number is None:
            number = self._number(self._agent.frames.site(frame))
            if id(code) in self._kinds and len(self._lines) < KEPT:
                self._lines[key] = number
                self._kept.append(back and back.f_code)
        return number

    def _number(self, site):
        return self._agent.names.get("site", site)


def _line_of_template(frames, frame):
    """Return `file:line:function` of the template's node that is being rendered, or None."""
    try:
        node = frame.f_locals["self"]
        shown = frames.shown(node.origin.name)
        return None if shown is None else "%s:%d:%s" % (shown, node.token.lineno, "template")
    except Exception:
        return None


def counting(agent, layer):
    """Return `count(request, before)`: the exclusive time since `before`, for the line that called the caller."""
    sites, getframe = sites_of(agent), sys._getframe

    def count(request, before):
        request.spot(layer, sites.of(request, getframe(2)), request.layers.get(layer, 0) - before)

    return count
