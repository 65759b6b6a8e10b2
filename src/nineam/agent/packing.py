"""A finished request as bytes, the way `wire` has it."""

import struct

from . import wire

MOST_SHAPES = 500
_shapes = {}


def pack(request, end):
    """Return the bytes of a finished request; `end` is its last instant in nanoseconds."""
    layers, queries, spots = request.layers, request.queries or (), request.spots or ()
    numbers = [
        request.at,
        end - request.at,
        request.sent,
        request.steps,
        request.longest,
        request.endpoint,
        request.status,
        len(layers),
        len(queries),
        len(spots),
    ]
    for owned in layers.items():
        numbers += owned
    for key in queries:
        count, taken, distinct, counted, rows, fetching = queries[key]
        numbers += key
        numbers += (count, len(distinct) * count // counted, taken, rows, fetching)
    for key in spots:
        numbers += key
        numbers += spots[key]
    return _shape(len(layers), len(queries), len(spots)).pack(*numbers)


def _shape(layers, queries, spots):
    """Return what packs a whole record at once; most requests of an application are of a few shapes."""
    known = _shapes.get((layers, queries, spots))
    if known is None:
        forms = (wire.REQUEST, 1), (wire.LAYER, layers), (wire.QUERY, queries), (wire.SPOT, spots)
        known = struct.Struct("<" + "".join(form.format[1:] * times for form, times in forms))
        if len(_shapes) < MOST_SHAPES:
            _shapes[(layers, queries, spots)] = known
    return known
