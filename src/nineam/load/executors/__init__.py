"""The executors: who starts an iteration when. Names and meaning are k6's; some are our own."""

from nineam.load.executors.arrivals import ArrivalRate
from nineam.load.executors.constant_vus import ConstantVus
from nineam.load.executors.executor import Executor, Stage
from nineam.load.executors.iterations import PerVuIterations, SharedIterations
from nineam.load.executors.mixed import MixedArrivals, MixedReplay
from nineam.load.executors.polite import Polite
from nineam.load.executors.ramping_vus import RampingVus
from nineam.load.executors.replay import Replay
from nineam.load.executors.sessions import Sessions

EXECUTORS: dict[str, type[Executor]] = {
    "polite": Polite,
    "shared-iterations": SharedIterations,
    "per-vu-iterations": PerVuIterations,
    "constant-vus": ConstantVus,
    "ramping-vus": RampingVus,
    "constant-arrival-rate": ArrivalRate,
    "ramping-arrival-rate": ArrivalRate,
    "poisson-arrival-rate": ArrivalRate,
    "sessions": Sessions,
    "replay": Replay,
}

MIXED: dict[str, type[Executor]] = EXECUTORS | {
    "constant-arrival-rate": MixedArrivals,
    "ramping-arrival-rate": MixedArrivals,
    "poisson-arrival-rate": MixedArrivals,
    "replay": MixedReplay,
}
"""The same when clients are not all alike."""

__all__ = ["EXECUTORS", "MIXED", "Executor", "Stage"]
