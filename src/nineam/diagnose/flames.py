"""Flames of a run: milliseconds from the boundaries of layers, which are exact, and their shape from stack samples."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from nineam.diagnose.frames import readable
from nineam.diagnose.picture import Picture
from nineam.model import Flame, FlameLayer, FlameStack, Sampler
from nineam.store.records import RunData, StoredPhase

Counts = Mapping[tuple[int, str, str], Mapping[tuple[str, ...], int]]


def flames(picture: Picture) -> tuple[Flame, ...]:
    """Return one flame per endpoint on localhost and one on Monday; those that took most time in all come first."""
    counts = _counts(picture.run)
    found = [
        _flame(picture, phase, endpoint, counts)
        for phase in (picture.localhost, picture.monday)
        if phase is not None
        for endpoint in picture.users_endpoints(phase)
        if picture.requests(phase, endpoint)
    ]
    return tuple(sorted(found, key=lambda flame: -flame.ms * flame.requests))


def sampler(run: RunData) -> Sampler:
    """Return who took the samples."""
    return msgspec.convert(run.meta.get("sampler") or {}, Sampler)


def _counts(run: RunData) -> Counts:
    """How often each stack was seen, by phase, endpoint and layer, without the frames that say nothing."""
    counts: dict[tuple[int, str, str], Counter[tuple[str, ...]]] = {}
    for row in run.stacks:
        seen = counts.setdefault((row.phase, row.endpoint, row.layer), Counter())
        seen[readable(row.frames, row.layer)] += row.samples
    return counts


def _flame(picture: Picture, phase: StoredPhase, endpoint: str, counts: Counts) -> Flame:
    layers = tuple(
        FlameLayer(layer=layer, ms=ms, stacks=_stacks(ms, counts.get((phase.id, endpoint, layer), {})))
        for layer, ms in picture.layers(phase, endpoint).items()
        if ms > 0
    )
    return Flame(
        endpoint=endpoint,
        phase=phase.kind,
        requests=picture.requests(phase, endpoint),
        ms=sum(layer.ms for layer in layers),
        layers=layers,
    )


def _stacks(ms: float, counts: Mapping[tuple[str, ...], int]) -> tuple[FlameStack, ...]:
    """Spread a layer's exact time over its stacks by how often each was seen, the most frequent first."""
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(FlameStack(frames=frames, samples=count, ms=ms * count / total) for frames, count in ranked if count)
