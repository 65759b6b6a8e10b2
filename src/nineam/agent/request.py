"""One request as the agent sees it: at every moment exactly one layer owns the time.

Entering or leaving a layer charges what has passed to the layer that owned it until now. Exclusive times
therefore add up to the total by construction, whatever the layers do inside each other. Two tasks of one
request (a middleware and the application beneath it) alternate; each leaves the layer it entered, also when
the other has entered one since, so leaving looks for its own entry from the top.
"""

from contextvars import ContextVar
from time import perf_counter_ns as clock

from .wire import LOOP_LAG, UNATTRIBUTED

current = ContextVar("nineam_request", default=None)

DISTINCT_LIMIT = 1000

# what is being stepped, in the order of its beginning: {task: (request, coroutine, loop)}
live = {}


def reset(token):
    """Forget the request of this context; a coroutine closed from another context has nothing to forget."""
    try:
        current.reset(token)
    except ValueError:
        pass


class Request:
    """The record of one request; `layers` maps layer id to exclusive nanoseconds."""

    __slots__ = (
        "at",
        "done",
        "endpoint",
        "hooks",
        "last",
        "layers",
        "longest",
        "method",
        "outer",
        "queries",
        "relation",
        "samples",
        "sent",
        "spots",
        "stack",
        "status",
        "steps",
        "where",
    )

    def __init__(self, method, sent):
        self.at = self.last = clock()
        self.method = method
        self.sent = sent
        self.status = 0
        self.endpoint = 0
        self.where = 0
        self.relation = 0
        self.outer = 0
        self.hooks = False
        self.layers = {}
        self.stack = [UNATTRIBUTED]
        self.queries = self.samples = None
        self.spots = None
        self.steps = self.longest = 0
        self.done = False

    def enter(self, layer):
        """Charge the time so far to the layer on top and put `layer` there."""
        now = clock()
        layers = self.layers
        top = self.stack[-1]
        layers[top] = layers.get(top, 0) + now - self.last
        self.last = now
        self.stack.append(layer)
        return now

    def leave(self, layer):
        """Charge the time so far to the layer on top and take `layer` away."""
        now = clock()
        layers = self.layers
        stack = self.stack
        top = stack[-1]
        layers[top] = layers.get(top, 0) + now - self.last
        self.last = now
        if top == layer and len(stack) > 1:
            stack.pop()
        else:
            remove_last(stack, layer)
        return now

    def lagged(self, ready, now):
        """Move what lies between being ready to run and running from the layer on top to the event loop."""
        ready = max(ready, self.last)
        if ready >= now:
            return
        layers = self.layers
        top = self.stack[-1]
        layers[top] = layers.get(top, 0) + ready - self.last
        layers[LOOP_LAG] = layers.get(LOOP_LAG, 0) + now - ready
        self.last = now

    def join(self):
        """Give what has passed so far, and the bottom of the stack, to what is around the framework that now begins.

        Only in a record that a server's hook has opened (`outer`), and once.
        """
        outer, self.outer = self.outer, 0
        if outer:
            bottom, self.stack[0] = self.stack[0], outer
            self.layers[outer] = self.layers.get(outer, 0) + self.layers.pop(bottom, 0)

    def finish(self):
        """Close the books; whatever the application does afterwards for this request is not counted."""
        now = clock()
        top = self.stack[-1]
        self.layers[top] = self.layers.get(top, 0) + now - self.last
        self.last = now
        self.done = True
        return now

    def query(self, statement, site, parameters, nanoseconds):
        """Count one execution of a statement from a place in the application's code."""
        key = (statement, site, self.relation)
        if self.queries is None:
            self.queries = {}
        group = self.queries.get(key)
        if group is None:
            group = self.queries[key] = [0, 0, set(), 0]
        group[0] += 1
        group[1] += nanoseconds
        if len(group[2]) < DISTINCT_LIMIT:
            group[2].add(parameters)
            group[3] = group[0]

    def spot(self, layer, site, nanoseconds):
        """Count one call and its exclusive time in `layer`, on behalf of a place in the application's code."""
        if self.spots is None:
            self.spots = {}
        group = self.spots.get((layer, site))
        if group is None:
            self.spots[(layer, site)] = [1, nanoseconds]
        else:
            group[0] += 1
            group[1] += nanoseconds


def remove_last(stack, layer):
    """Take the topmost `layer` out of `stack`; the bottom entry stays."""
    for index in range(len(stack) - 1, 0, -1):
        if stack[index] == layer:
            del stack[index]
            return
