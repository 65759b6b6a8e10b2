"""The flames in speedscope's file format: a sampled profile per endpoint and phase, of its mean request."""

from typing import Any

from nineam.model import Flame, RunDocument
from nineam.report.data import compact
from nineam.report.flame_stacks import place, stacks
from nineam.visible import visible

_SCHEMA = "https://www.speedscope.app/file-format-schema.json"
_PHASES = {"localhost": "one polite user", "monday": "Monday"}


class _Frames:
    """The frames that all profiles share, each once."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}
        self.frames: list[dict[str, Any]] = []

    def number(self, name: str) -> int:
        """Return the frame's number; it gets one when it is new."""
        if name not in self.index:
            self.index[name] = len(self.frames)
            at = place(visible(name))
            where = {"file": at.file, "line": at.line} if at.file else {}
            self.frames.append({"name": at.function, **where})
        return self.index[name]


def render_speedscope(document: RunDocument) -> str:
    """Return one file for https://www.speedscope.app; weights are milliseconds per request."""
    frames = _Frames()
    profiles = [_profile(flame, frames) for flame in document.flames]
    first = next((at for at, flame in enumerate(document.flames) if flame.phase == "monday"), 0)
    value = {
        "$schema": _SCHEMA,
        "version": "0.0.1",
        "name": visible(document.target.command) or "nineam",
        "exporter": f"nineam@{document.version}",
        "activeProfileIndex": first,
        "shared": {"frames": frames.frames},
        "profiles": profiles,
    }
    return compact(value).decode() + "\n"


def _profile(flame: Flame, frames: _Frames) -> dict[str, Any]:
    found = [stack for stack in stacks(flame) if stack.ms > 0]
    weights = [stack.ms for stack in found]
    return {
        "type": "sampled",
        "name": f"{visible(flame.endpoint)}, {_PHASES.get(flame.phase, flame.phase)}",
        "unit": "milliseconds",
        "startValue": 0,
        "endValue": sum(weights),
        "samples": [[frames.number(name) for name in (flame.endpoint, stack.layer, *stack.frames)] for stack in found],
        "weights": weights,
    }
