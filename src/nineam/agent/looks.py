"""Looks at a thread, weighed by its clock: what is seen is one instant, what is charged is the time since the last.

The clock of the thread divides that time into computing and waiting. A look shows one of the two; the other goes to
what was seen of it the time before, or to a frame that says that its line was not seen.
"""

import sys

# who has computed for this part of the interpreter's switch interval, when that has run out, was made to let go
HELD = 0.7
# who has computed for this part of the time that a free GIL was found after, in one place, does so without the GIL
WITHOUT = 0.9
# a thread that only waits for the GIL takes this much at the most, between two looks
NOTHING_NS = 100_000
COMPUTING = ("(computing, line not seen)",)
WAITING = ("(waiting, line not seen)",)


def see(visit, key, now, cpu, forced, prompt):
    """Charge the time since the last look to what is seen now, and to what was seen then.

    `cpu` is the thread's clock, in nanoseconds. `forced` says that some thread was made to let go of the GIL for this
    look, `prompt` that it was free.
    """
    request = visit.request
    layer = request.stack[-1]
    passed = now - visit.seen_at
    used = min(max(0, cpu - visit.seen_cpu), passed)
    same = key == visit.key
    waits_for_gil = same and visit.ready and used <= NOTHING_NS
    ready = waits_for_gil or _computes(same, passed, used, forced, prompt)
    owned = dict(request.layers)
    owned[layer] = owned.get(layer, 0) + now - request.last
    inside = _inside(visit, owned, layer, passed)
    computed, waited = _parts(ready, inside, passed, used)
    before = visit.layer == layer and visit.key is not None and visit.ready != ready
    if ready:
        _charge(visit, layer, key, (), True, computed)
        other = (visit.key, ()) if before else (key, ()) if waits_for_gil else (key[2:], WAITING)
        _charge(visit, layer, *other, False, waited)
    else:
        _charge(visit, layer, key, (), False, waited)
        other = (visit.key, ()) if before else (key[2:], COMPUTING)
        _charge(visit, layer, *other, True, computed)
    visit.seen_at, visit.seen_cpu, visit.owned = now, cpu, owned
    visit.key, visit.layer, visit.ready = key, layer, ready


def _computes(same, passed, used, forced, prompt):
    """Whether a thread was made to let go of the GIL, having held it for an interval, or computes without it."""
    if forced:
        return used >= HELD * sys.getswitchinterval() * 1e9
    return same and prompt and used >= WITHOUT * passed


def close(visit):
    """Charge what came after the last look."""
    passed = visit.at + visit.wall - visit.seen_at
    used = min(max(0, visit.cpu + visit.used - visit.seen_cpu), max(0, passed))
    inside = _inside(visit, visit.request.layers, visit.layer, passed)
    computed, waited = _parts(visit.ready, inside, passed, used)
    seen, above = (visit.key, ()), visit.key[2:]
    _charge(visit, visit.layer, *(seen if visit.ready else (above, COMPUTING)), True, computed)
    _charge(visit, visit.layer, *((above, WAITING) if visit.ready else seen), False, waited)


def _inside(visit, owned, layer, passed):
    """Return how much of the time that has passed the layer has owned."""
    before = visit.owned.get(layer, 0) if visit.owned is not None else 0
    return min(max(0, owned.get(layer, 0) - before), max(0, passed))


def _parts(ready, inside, passed, used):
    """Return computing and waiting of the layer at hand, as parts of all the time that has passed.

    A thread that waits now has computed in other layers first, one that computes has waited in others.
    """
    if inside <= 0:
        return 0, 0
    computed = min(inside, used if ready else max(0, used - (passed - inside)))
    return computed * passed // inside, (inside - computed) * passed // inside


def _charge(visit, layer, key, ending, computing, nanoseconds):
    if nanoseconds > 0:
        if visit.looks is None:
            visit.looks = {}
        row = (layer, key, ending, computing)
        visit.looks[row] = visit.looks.get(row, 0) + nanoseconds
