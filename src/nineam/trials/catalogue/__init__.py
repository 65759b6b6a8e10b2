"""The trials: one file each, one line each in `TRIALS`, in the order in which they run."""

from nineam.trials.catalogue import (
    abandoned_work,
    boot_without,
    cache_down,
    cold_start,
    connect_blackhole,
    connection_leak,
    database_down,
    database_latency,
    health_honesty,
    http_hang,
    memory_soak,
    metastable,
    retry_amplification,
    sigterm_drain,
    silent_stall,
    slow_clients,
    surge,
    worker_killed,
)
from nineam.trials.trial import Trial

TRIALS: tuple[Trial, ...] = (
    database_latency.TRIAL,
    http_hang.TRIAL,
    cache_down.TRIAL,
    sigterm_drain.TRIAL,
    boot_without.TRIAL,
    database_down.TRIAL,
    silent_stall.TRIAL,
    connect_blackhole.TRIAL,
    health_honesty.TRIAL,
    surge.TRIAL,
    worker_killed.TRIAL,
    retry_amplification.TRIAL,
    slow_clients.TRIAL,
    cold_start.TRIAL,
    connection_leak.TRIAL,
    metastable.TRIAL,
    abandoned_work.TRIAL,
    memory_soak.TRIAL,
)
