"""One request as the agent sees it: at every moment exactly one layer owns the time.

Entering or leaving a layer charges what has passed to the layer that owned it until now. Exclusive times
therefore add up to the total by construction, whatever the layers do inside each other. Two tasks of one
request (a middleware and the application beneath it) alternate; each leaves the layer it entered, also when
the other has entered one since, so leaving looks for its own entry from the top.
"""

from collections import defaultdict
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
        "cursors",
        "done",
        "endpoint",
        "hooks",
        "last",
        "layers",
        "left",
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
        "visit",
        "where",
        "wire",
        "wired",
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
        self.layers = defaultdict(int)
        self.stack = [UNATTRIBUTED]
        self.queries = self.cursors = self.samples = self.visit = None
        self.wire = self.wired = None
        self.spots = None
        self.steps = self.longest = self.left = 0
        self.done = False

    def enter(self, layer):
        """Charge the time so far to the layer on top and put `layer` there."""
        now = clock()
        stack = self.stack
        self.layers[stack[-1]] += now - self.last
        self.last = now
        stack.append(layer)
        return now

    def leave(self, layer):
        """Charge the time so far to the layer on top and take `layer` away."""
        now = clock()
        stack = self.stack
        top = stack.pop()
        self.layers[top] += now - self.last
        self.last = now
        if top != layer or not stack:
            stack.append(top)
            remove_last(stack, layer)
        return now

    def lagged(self, ready, now):
        """Move what lies between being ready to run and running from the layer on top to the event loop."""
        ready = max(ready, self.last)
        if ready >= now:
            return
        layers = self.layers
        layers[self.stack[-1]] += ready - self.last
        layers[LOOP_LAG] += now - ready
        self.last = now

    def join(self):
        """Give what has passed so far, and the bottom of the stack, to what is around the framework that now begins.

        Only in a record that a server's hook has opened (`outer`), and once.
        """
        outer, self.outer = self.outer, 0
        if outer:
            bottom, self.stack[0] = self.stack[0], outer
            self.layers[outer] += self.layers.pop(bottom, 0)

    def finish(self):
        """Close the books; whatever the application does afterwards for this request is not counted."""
        now = clock()
        self.layers[self.stack[-1]] += now - self.last
        self.last = now
        self.done = True
        return now

    def query(self, statement, site, parameters, nanoseconds, cursor=None):
        """Count one execution of a statement from a place in the application's code.

        What is fetched from `cursor` from now on is this statement's. Returns its sums: executions, nanoseconds,
        distinct parameters, the executions among which those were counted, rows, nanoseconds of fetching.
        """
        key = (statement, site, self.relation)
        if self.queries is None:
            self.queries = {}
        group = self.queries.get(key)
        if group is None:
            group = self.queries[key] = [1, nanoseconds, {parameters}, 1, 0, 0]
        else:
            group[0] += 1
            group[1] += nanoseconds
            distinct = group[2]
            if len(distinct) < DISTINCT_LIMIT:
                distinct.add(parameters)
                group[3] += 1
        if cursor is not None:
            if self.cursors is None:
                self.cursors = {}
            self.cursors[id(cursor)] = statement, group
        return group

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
