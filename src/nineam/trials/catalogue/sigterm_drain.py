"""The application is asked to end while requests are under way."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from urllib.parse import urlsplit

from nineam.model.trial import Dependency
from nineam.trials.backlog import unaccepted
from nineam.trials.lab import Lab, Session
from nineam.trials.server_advice import drops
from nineam.trials.trial import Measured, Trial
from nineam.trials.window import Sample, Window

GRACE_S = 30.0
EXIT_S = 25.0
SLOW_MS = 2500.0
AT_ONCE = 4
ACCEPTED_S = 0.3
"""So long before the signal a request must have been sent: a shorter time is a race that nobody can win."""
LOOK_S = 0.25
DECIDED_S = 2.0
"""So long its end is awaited once requests are known to be lost: the gate has failed already."""


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
        backlog = unaccepted(urlsplit(lab.base_url).port or 80)
        try:
            if not session.died():
                os.kill(session.app.pid, signal.SIGTERM)
            session.troubles.append((told, told))
            await _end(session, under_way, min(len(under_way), backlog or 0))
            took = session.now() - told
            return _measured(session, control, _fate(session, under_way), backlog, took)
        finally:
            _kill(session.app.tree())


async def _end(session: Session, under_way: list[Sample], backlog: int) -> None:
    """Wait until the application has ended, or the gate has failed for certain."""
    began, decided = session.now(), 0.0
    while not session.died() and session.now() - began < EXIT_S:
        await asyncio.wait({session.app.died}, timeout=LOOK_S)
        fate = _fate(session, under_way)
        if not decided and not fate.hanging and lost_of(fate, backlog):
            decided = session.now()
        if decided and session.now() - decided > DECIDED_S:
            return


def _kill(pids: Sequence[int]) -> None:
    """End what has not ended by itself; the grace of an orchestrator is over."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def lost_of(fate: Window, backlog: int) -> int:
    """Count the requests lost that were accepted: what waited to be (`backlog`) nobody has promised anything."""
    return max(0, sum(not each.ok for each in fate.samples) - backlog)


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


def _measured(session: Session, control: Window, fate: Window, backlog: int | None, took: float) -> Measured:
    waited = min(fate.requests, backlog or 0)
    accepted, lost, ended = fate.requests - waited, lost_of(fate, waited), session.app.died.done()
    exit_words = f"it ended after {took:.1f} s" if ended else f"it was still running after {took:.0f} s"
    cause, fix = drops(session.lab.server, lost=lost, ended=ended, took_s=took)
    return Measured(
        holds=None if not accepted else lost == 0 and ended,
        sentence=f"{lost} of {accepted} requests that it had accepted were lost; {exit_words}"
        if accepted
        else "no request was under way when the signal came: its answers are too fast, so nothing is proven",
        value=float(lost),
        threshold=0.0,
        unit="requests lost",
        fault_proof={"fault": "SIGTERM", "times": 1, "under_way": accepted},
        generator_proof=session.proof(),
        evidence={
            "control_success": round(control.success, 3),
            "fate": fate.outcomes(),
            "not_yet_accepted": "unknown" if backlog is None else waited,
            "seconds_until_exit": round(took, 1) if ended else f"more than {took:.0f}",
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
    measure="Requests accepted when the signal came that were not answered well; seconds until it has ended. What "
    "still waited to be accepted (Linux tells) is counted apart: a server with one worker takes one at a time.",
    gate=f"None lost, and ended within {EXIT_S:g} s (an orchestrator kills after 30).",
    evidence="What became of each request under way; how many had not been accepted.",
    causes=(
        "`uvicorn --timeout-graceful-shutdown` or `gunicorn --graceful-timeout` too short",
        "a shell as the first process, which does not pass the signal on: `exec` is missing",
        "a handler of one's own that ends the process at once",
    ),
    role="",
    run=run,
    seconds=11.0,
)
