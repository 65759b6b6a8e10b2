"""The first users after a start."""

import math

from nineam.model.trial import Dependency
from nineam.trials.advice import cold
from nineam.trials.lab import Lab
from nineam.trials.trial import Measured, Trial
from nineam.trials.window import Window

MOST_TIMES = 3.0
SLACK_MS = 250.0
FIRST_S = 2.0
STEADY_S = 3.0
FIRST = 100


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Send requests from the moment it says that it is ready; compare the first ones with later ones."""
    async with lab.session() as session:
        session.player.start(lab.rate)
        began = session.now()
        await session.wait(FIRST_S + STEADY_S)
        now = session.now()
        first = Window(session.player.between(began, began + FIRST_S).samples[:FIRST], now)
        steady = session.player.between(now - STEADY_S / 2, now - 0.25)  # whoever waits behind the first is gone then
        first_ms, steady_ms = first.quantile_ms(0.99), steady.quantile_ms(0.99)
        limit_ms = steady_ms * MOST_TIMES + SLACK_MS
        cause, fix = cold()
        return Measured(
            holds=None if math.isnan(limit_ms) else first_ms <= limit_ms and first.success >= steady.success - 0.01,
            sentence=f"the first {first.requests} requests: {first.success:.0%} served, slowest {first_ms:.0f} ms; "
            f"later {steady_ms:.0f} ms",
            value=round(first_ms, 1),
            threshold=round(limit_ms, 1),
            unit="ms, 99th percentile of the first",
            fault_proof={"fault": "start", "times": 1},
            generator_proof=session.proof(),
            evidence={
                "control_success": round(steady.success, 3),
                "first": first.outcomes(),
            },
            cause=cause,
            fix=fix,
        )


TRIAL = Trial(
    name="cold-start",
    title="The first users after a start",
    what="Requests at the ordinary rate arrive from the moment the application answers for the first time.",
    why="After every deployment somebody is first. Pools that open with the first request, caches that fill, modules "
    "that are imported late: they all pay, and so does everybody behind them.",
    inject="Nothing but a start.",
    measure="The 99th percentile of the first hundred requests, and of those three seconds later.",
    gate=f"At most {MOST_TIMES:g} times as long (and {SLACK_MS:g} ms).",
    evidence="Requests, second by second.",
    causes=(
        "imports, models and pools that are made with the first request",
        "ready before it is warm: the health check answers first",
        "a cache that everybody misses at once",
    ),
    role="",
    run=run,
    usual=False,
    seconds=8.0,
)
