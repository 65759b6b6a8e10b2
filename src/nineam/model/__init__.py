"""The frozen records that the stages hand to each other.

Three families: what the load process is told and answers (plan, phases, ticks), what a run came to
(the `RunDocument`, which is also the `--json` output, schema `nineam/run/1`), and what both share.
Times named `_ns` are nanoseconds of `time.perf_counter_ns` (CLOCK_MONOTONIC, comparable between the
processes of one machine); durations named `_ms` are milliseconds; rates are per second.
"""

from nineam.model.load import (
    CheckResult,
    Command,
    EndpointStats,
    Executor,
    GeneratorStats,
    HistogramData,
    JourneyProblem,
    LoadEvent,
    LoadPlan,
    LoadStats,
    Phase,
    RequestSpec,
)
from nineam.model.record import Record
from nineam.model.run import (
    After,
    Blame,
    Capacity,
    Cry,
    Endpoint,
    Finding,
    Generator,
    Git,
    Health,
    Interval,
    Machine,
    Metric,
    Observer,
    PhaseResult,
    RunDocument,
    Stair,
    Suspect,
    TargetInfo,
    ThresholdResult,
    Verdict,
)

__all__ = [
    "After",
    "Blame",
    "Capacity",
    "CheckResult",
    "Command",
    "Cry",
    "Endpoint",
    "EndpointStats",
    "Executor",
    "Finding",
    "Generator",
    "GeneratorStats",
    "Git",
    "Health",
    "HistogramData",
    "Interval",
    "JourneyProblem",
    "LoadEvent",
    "LoadPlan",
    "LoadStats",
    "Machine",
    "Metric",
    "Observer",
    "Phase",
    "PhaseResult",
    "Record",
    "RequestSpec",
    "RunDocument",
    "Stair",
    "Suspect",
    "TargetInfo",
    "ThresholdResult",
    "Verdict",
]
