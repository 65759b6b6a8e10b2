"""The flames as a pprof profile: gzipped protocol buffers, written by hand."""

import gzip
from collections.abc import Iterable

from nineam.model import Flame, RunDocument
from nineam.report.flame_stacks import Stack, loaded, place, stacks
from nineam.visible import visible

# field numbers of pprof's profile.proto
_SAMPLE_TYPE, _SAMPLE, _LOCATION, _FUNCTION, _STRING, _DEFAULT_TYPE = 1, 2, 4, 5, 6, 14


def render_pprof(document: RunDocument) -> bytes:
    """Return all requests of Monday (else of localhost) together, with samples and nanoseconds, labelled."""
    profile = _Profile()
    for flame in loaded(document.flames):
        for stack in stacks(flame):
            profile.add(flame, stack)
    return gzip.compress(profile.encoded(), mtime=0)


class _Profile:
    """Tables of strings, functions and locations, and the samples that name them by number."""

    def __init__(self) -> None:
        self.strings: dict[str, int] = {"": 0}
        self.functions: dict[tuple[str, str], int] = {}
        self.locations: dict[tuple[int, int], int] = {}
        self.samples: list[bytes] = []

    def add(self, flame: Flame, stack: Stack) -> None:
        """Add a stack below two frames of its own: the endpoint and the layer."""
        names = (flame.endpoint, stack.layer, *stack.frames)
        labels = (("endpoint", flame.endpoint), ("layer", stack.layer), ("phase", flame.phase))
        values = (stack.samples, round(stack.ms * flame.requests * 1e6))
        self.samples.append(
            _packed(1, [self.location(name) for name in reversed(names)])
            + _packed(2, values)
            + b"".join(
                _bytes(3, _number(1, self.string(key)) + _number(2, self.string(value))) for key, value in labels
            )
        )

    def string(self, text: str) -> int:
        """Return the number of a string."""
        return self.strings.setdefault(visible(text), len(self.strings))

    def location(self, frame: str) -> int:
        """Return the number of a line of a function."""
        at = place(frame)
        function = self.functions.setdefault((at.function, at.file), len(self.functions) + 1)
        return self.locations.setdefault((function, at.line), len(self.locations) + 1)

    def encoded(self) -> bytes:
        """Return the whole message."""
        types = [_pair(self.string(kind), self.string(unit)) for kind, unit in _TYPES]
        functions = [
            _number(1, number)
            + _number(2, self.string(name))
            + _number(3, self.string(name))
            # a name may be new to the table of strings, so that table comes last
            + _number(4, self.string(file))
            for (name, file), number in self.functions.items()
        ]
        locations = [
            _number(1, number) + _bytes(4, _number(1, function) + _number(2, line))
            for (function, line), number in self.locations.items()
        ]
        time = self.string("time")
        return b"".join(
            (
                *(_bytes(_SAMPLE_TYPE, part) for part in types),
                *(_bytes(_SAMPLE, part) for part in self.samples),
                *(_bytes(_LOCATION, part) for part in locations),
                *(_bytes(_FUNCTION, part) for part in functions),
                *(_bytes(_STRING, text.encode()) for text in self.strings),
                _number(_DEFAULT_TYPE, time),
            )
        )


_TYPES = (("samples", "count"), ("time", "nanoseconds"))


def _pair(first: int, second: int) -> bytes:
    return _number(1, first) + _number(2, second)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _packed(field: int, values: Iterable[int]) -> bytes:
    return _bytes(field, b"".join(_varint(value) for value in values))
