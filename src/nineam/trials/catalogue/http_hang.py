"""An HTTP service that the application calls does not answer any more."""

import math

from nineam.model.trial import Dependency
from nineam.trials.advice import no_deadline
from nineam.trials.lab import Lab
from nineam.trials.trial import Measured, Trial
from nineam.trials.window import FACTOR, SLACK_MS, Window, answered

DEADLINE_S = 5.0
LASTS_S = DEADLINE_S + 1.5
MOST_RATE = 24.0
SHARE_OF_KNEE = 0.6
LEAST_SUCCESS = 0.99
SOON_S = 2.0
"""Who was only just asked, when the fault ends, may still answer: a request is held against it after so long."""


def heavy(lab: Lab, service: Dependency) -> tuple[float, tuple[str, ...]]:
    """Choose a rate, and endpoints of which two of three need the service: enough to fill forty threads in time."""
    touching, apart = lab.touching(service), lab.apart_from(service)
    rate = min(MOST_RATE, max(lab.rate, lab.knee * SHARE_OF_KNEE))
    if not apart:
        return rate, touching
    rounds = math.lcm(len(touching), len(apart))
    needing, others = touching * (2 * rounds // len(touching)), apart * (rounds // len(apart))
    mixed = [name for number in range(rounds) for name in (*needing[2 * number : 2 * number + 2], others[number])]
    return rate, tuple(mixed)


def hanging(service: Dependency) -> tuple[str, dict[str, str]]:
    """Return the fault that lets a service hang: inside TLS nobody can tell answers from anything else."""
    return ("stall", {"heal": "resume"}) if service.pinned else ("http_hang", {"after": "request"})


async def run(lab: Lab, service: Dependency | None) -> Measured:
    """Let the service accept requests and answer none; look at the endpoints that do not need it."""
    assert service is not None
    rate, names = heavy(lab, service)
    async with lab.session(patience_s=2 * LASTS_S) as session:
        control = await session.control(rate=rate, names=names)
        name, parameters = hanging(service)
        async with session.fault(service, name, **parameters) as meeting:
            await session.wait(LASTS_S)  # whatever the pace: who waits for ever must have waited longer than allowed
            during = session.player.between(meeting.began, meeting.began + LASTS_S)
        half = Window(during.samples[during.requests // 2 :], during.now)
        others, needing = answered(half.only(lab.apart_from(service)), SOON_S), during.only(lab.touching(service))
        calm = control.only(lab.apart_from(service))
        late = sum(each.ms(during.now) > DEADLINE_S * 1000 for each in needing.samples)
        limit_ms = calm.p95_ms * FACTOR + SLACK_MS
        hurt = others.requests > 0 and (others.p95_ms > limit_ms or others.success < LEAST_SUCCESS)
        cause, fix = no_deadline(lab.facts(service), lab.server, session.ended_workers())
        return Measured(
            holds=not hurt and not late,
            sentence=_sentence(others, needing, late, hurt=hurt),
            value=round(others.p95_ms, 1) if others.requests else round(needing.quantile_ms(1.0), 1),
            threshold=round(limit_ms, 1) if others.requests else DEADLINE_S * 1000,
            unit="ms, 95th percentile of the others" if others.requests else "ms, slowest",
            fault_proof=meeting.proof(),
            generator_proof=session.proof(),
            evidence={
                "control_success": round(control.success, 3),
                "stuck": during.hanging,
                "others_success": round(others.success, 3) if others.requests else "nobody else was asked",
                "others_p95_ms_before": round(calm.p95_ms, 1) if calm.requests else "nobody else was asked",
                "needing_it": needing.outcomes(),
            },
            cause=cause,
            fix=fix,
        )


def _sentence(others: Window, needing: Window, late: int, *, hurt: bool) -> str:
    if hurt:
        return (
            f"endpoints that do not need it suffer: {others.success:.0%} of their requests succeed, "
            f"95th percentile {others.p95_ms:.0f} ms"
        )
    if late:
        return f"{late} of {needing.requests} requests that need it waited longer than {DEADLINE_S:g} s"
    slowest = needing.quantile_ms(1.0) / 1000
    unhurt = "; the others did not notice" if others.requests else ""
    return f"requests that need it were answered within {slowest:.1f} s{unhurt}"


TRIAL = Trial(
    name="http-hang",
    title="An HTTP dependency hangs",
    what="A service that the application calls takes requests and does not answer.",
    why="Who waits without a limit holds a thread. Forty of them are all that FastAPI has, and then pages that have "
    "nothing to do with that service are dead too.",
    inject="The proxy passes requests on and holds every answer back (of TLS everything).",
    measure="The 95th percentile and the success of endpoints that do not call it; how long those wait that do.",
    gate=f"Others: 99 % succeed, 95th percentile at most {FACTOR:g} times that of the calm (and {SLACK_MS:g} ms). "
    f"Those that call it: an answer, whatever it is, within {DEADLINE_S:g} s.",
    evidence="How many requests hang; which line calls the service, and with what timeout.",
    causes=(
        "`requests` has no timeout by itself",
        "`httpx`'s five seconds are of silence, not in all; `aiohttp` waits five minutes",
        "sync handlers share the threads of everybody else: no bulkhead, no limit to calls at the same time",
    ),
    role="http",
    run=run,
    seconds=12.0,
)
