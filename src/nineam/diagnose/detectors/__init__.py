"""Detectors: one file per finding code, one line per file in `DETECTORS`.

A detector module has `CODE`, `TITLE`, a docstring with the sections *What it is*, *Why it hurts*, *How it is
detected* and *How to fix it* (`nineam explain` and docs/findings/ are printed from it), and a function
`detect(picture) -> Iterable[Finding]`.
"""

from types import ModuleType

from nineam.diagnose.detectors import (
    blocking_call,
    dishonest_health_check,
    middleware_tax,
    n_plus_one,
    pool_exhausted,
    slow_serializer,
)

DETECTORS: tuple[ModuleType, ...] = (
    n_plus_one,
    slow_serializer,
    middleware_tax,
    pool_exhausted,
    blocking_call,
    dishonest_health_check,
)
