"""An HTTP service fails, and the application asks again and again."""

from nineam.model.trial import Dependency
from nineam.trials.advice import insists
from nineam.trials.lab import Lab
from nineam.trials.trial import Measured, NotRunError, Trial
from nineam.trials.window import under_way

MOST_TIMES = 3.0


async def run(lab: Lab, service: Dependency | None) -> Measured:
    """Answer 503 in place of the service, and count the calls for each request of a user."""
    assert service is not None
    if service.pinned:
        raise NotRunError(f"{service.name} is asked over TLS, where no answer can be made up: try it over plain http")
    names = lab.touching(service)
    async with lab.session() as session:
        control = await session.control(names=names)
        calm = sum(lab.touches[name][service.name] for name in names) / len(names)
        async with session.fault(service, "http_status", status=503, retry_after=1) as meeting:
            await session.wait(lab.pace.fault_s)
            session.player.rate = 0.0
            until = meeting.began + lab.pace.fault_s
            await session.wait(0.5)
        during = under_way(session.player.samples(), meeting.began, until, session.now())
        calls = meeting.count.times / max(1, during.requests) if meeting.count else 0.0
        times = calls / calm
        cause, fix = insists(lab.facts(service), times)
        return Measured(
            holds=times <= MOST_TIMES,
            sentence=f"{calls:.1f} calls for each request while it fails, {calm:.1f} before: {times:.1f} times as many",
            value=round(times, 2),
            threshold=MOST_TIMES,
            unit="times the calls",
            fault_proof=meeting.proof(),
            generator_proof=session.proof(),
            evidence={
                "control_success": round(control.success, 3),
                "requests": during.requests,
                "calls": meeting.count.times if meeting.count else 0,
                "during": during.outcomes(),
            },
            cause=cause,
            fix=fix,
        )


TRIAL = Trial(
    name="retry-amplification",
    title="An HTTP dependency fails, and is asked again and again",
    what="Every call to the service is answered with 503 and `Retry-After: 1`.",
    why="Three tries in the application times four in its library are twelve calls for each click, aimed at a service "
    "that is down already: it cannot get up again.",
    inject="The proxy answers in place of the service.",
    measure="Calls that reach the proxy for each request of a user, compared with the calm; a request that waited in a "
    "queue when the failing began counts.",
    gate=f"At most {MOST_TIMES:g} times as many.",
    evidence="Requests, calls, and what users got.",
    causes=(
        "retries in several layers that multiply: the application's, the SDK's, `urllib3.Retry`",
        "`Retry-After` is not read, no pause between tries",
        "no budget: everybody tries again, always",
    ),
    role="http",
    run=run,
    seconds=9.0,
)
