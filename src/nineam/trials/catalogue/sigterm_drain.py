"""The application is asked to end while requests are under way."""

import asyncio
import os
import signal

from nineam.model.trial import Dependency
from nineam.trials.advice import drops
from nineam.trials.lab import Lab, Session
from nineam.trials.trial import Measured, Trial
from nineam.trials.window import Sample, Window

GRACE_S = 30.0
EXIT_S = 25.0
SLOW_MS = 2500.0
AT_ONCE = 4
ACCEPTED_S = 0.3
"""So long before the signal a request must have been sent: a shorter time is a race that nobody can win."""


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Make requests slow with a distant dependency, send SIGTERM, and see what becomes of those under way."""
    async with lab.session(grace_s=GRACE_S, patience_s=EXIT_S + 1) as session:
        control = await session.control()
        session.player.rate = 0.0
        names = await _slowed(session)
        for number in range(AT_ONCE):
            session.player.ask(names[number % len(names)])
        await session.wait(ACCEPTED_S)
        told = session.now()
        under_way = [each for each in session.player.samples() if each.end is None]
        if not session.died():
            os.kill(session.app.pid, signal.SIGTERM)
        await asyncio.wait({session.app.died}, timeout=EXIT_S)
        took = session.now() - told
        fate = _fate(session, under_way)
        return _measured(session, control, under_way, fate, took)


async def _slowed(session: Session) -> tuple[str, ...]:
    """Put what an endpoint asks for so far away that it takes 2.5 s, and still answers well; that endpoint.

    Without any such endpoint all of them, as they are.
    """
    lab = session.lab
    for dependency in sorted(lab.leading.dependencies, key=lambda each: each.role != "database"):
        names = lab.touching(dependency)
        if not names or lab.proxy is None:
            continue
        name = min(names, key=lambda each: lab.touches[each][dependency.name])
        trips = max(1.0, lab.touches[name][dependency.name])
        lab.proxy.apply("latency", {"latency": SLOW_MS / trips}, upstream=dependency.name)
        tried = await session.player.answer(name)
        if tried.ok and tried.ms(session.now()) >= SLOW_MS / 2:
            return (name,)
        lab.proxy.heal("latency", upstream=dependency.name)
    return lab.names


def _fate(session: Session, under_way: list[Sample]) -> Window:
    begun = {(each.name, each.at) for each in under_way}
    return Window(tuple(each for each in session.player.samples() if (each.name, each.at) in begun), session.now())


def _measured(session: Session, control: Window, under_way: list[Sample], fate: Window, took: float) -> Measured:
    lost = sum(not each.ok for each in fate.samples)
    ended = session.app.died.done()
    holds = None if not under_way else lost == 0 and ended
    exit_words = f"it ended after {took:.1f} s" if ended else f"it was still running after {EXIT_S:g} s"
    cause, fix = drops(session.lab.subject.command, lost=lost, ended=ended)
    return Measured(
        holds=holds,
        sentence=f"{lost} of {len(under_way)} requests under way were lost; {exit_words}"
        if under_way
        else "no request was under way when the signal came: its answers are too fast, so nothing is proven",
        value=float(lost),
        threshold=0.0,
        unit="requests lost",
        fault_proof={"fault": "SIGTERM", "times": 1, "under_way": len(under_way)},
        generator_proof=session.proof(),
        evidence={
            "control_success": round(control.success, 3),
            "fate": fate.outcomes(),
            "seconds_until_exit": round(took, 1) if ended else f"more than {EXIT_S:g}",
        },
        cause=cause,
        fix=fix,
    )


TRIAL = Trial(
    name="sigterm-drain",
    title="Asked to end, it finishes what it has begun",
    what="SIGTERM is sent to the command while requests are under way that take two seconds and a half.",
    why="It happens at every deployment, to every copy. A request that was accepted and is then dropped is an error "
    "that nobody finds in any log.",
    inject="A dependency is put so far away that requests take 2.5 s; then the signal an orchestrator sends.",
    measure="Requests sent 0.3 s before the signal that were not answered well; seconds until it has ended.",
    gate=f"None lost, and ended within {EXIT_S:g} s (an orchestrator kills after 30).",
    evidence="What became of each request under way.",
    causes=(
        "`uvicorn --timeout-graceful-shutdown` or `gunicorn --graceful-timeout` too short",
        "a shell as the first process, which does not pass the signal on: `exec` is missing",
        "a handler of one's own that ends the process at once",
    ),
    role="",
    run=run,
    seconds=11.0,
)
