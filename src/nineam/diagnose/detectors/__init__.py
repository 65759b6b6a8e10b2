"""Detectors: one file per finding code, one line per file in `DETECTORS`.

A detector module has `CODE`, `TITLE`, a docstring with the sections *What it is*, *Why it hurts*, *How it is
detected* and *How to fix it* (`nineam explain` and docs/findings/ are printed from it), and a function
`detect(picture) -> Iterable[Finding]`.
"""

from types import ModuleType

from nineam.diagnose.detectors import (
    blocking_call,
    chatty_logging,
    cold_start,
    connection_held,
    connection_leak,
    debug_mode,
    dishonest_health_check,
    duplicate_query,
    gc_pauses,
    gil_bound,
    large_payload,
    lock_contention,
    long_transaction,
    memory_growth,
    middleware_tax,
    missing_index,
    n_plus_one,
    n_plus_one_http,
    no_timeout,
    orm_hydration,
    over_fetching,
    pool_exhausted,
    retry_storm,
    slow_dependency,
    slow_query,
    slow_serializer,
    slow_template,
    threadpool_exhausted,
    workers_exhausted,
    wrong_index,
)

DETECTORS: tuple[ModuleType, ...] = (
    n_plus_one,
    n_plus_one_http,
    duplicate_query,
    slow_query,
    missing_index,
    wrong_index,
    over_fetching,
    orm_hydration,
    slow_serializer,
    slow_template,
    large_payload,
    middleware_tax,
    pool_exhausted,
    connection_held,
    connection_leak,
    long_transaction,
    lock_contention,
    blocking_call,
    threadpool_exhausted,
    workers_exhausted,
    gil_bound,
    slow_dependency,
    no_timeout,
    retry_storm,
    chatty_logging,
    gc_pauses,
    memory_growth,
    cold_start,
    debug_mode,
    dishonest_health_check,
)
