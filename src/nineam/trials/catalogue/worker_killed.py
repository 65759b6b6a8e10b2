"""One worker process dies."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import psutil

from nineam.model.trial import Dependency
from nineam.trials.lab import Lab, Session
from nineam.trials.meeting import Recovery
from nineam.trials.server_advice import no_respawn
from nineam.trials.trial import Measured, NotApplicableError, Trial
from nineam.trials.window import between

RECOVERY_S = 10.0
IN_FLIGHT_S = 0.3


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Kill a worker that was started here, and see whether another takes its place."""
    async with lab.session() as session:
        workers = _workers(session)
        if not workers:
            raise NotApplicableError("it is one process: starting it again is its supervisor's business")
        control = await session.control()
        workers = _workers(session)
        killed = session.now()
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            workers[-1].kill()  # psutil makes sure that the pid is still the same process
        session.troubles.append((killed, killed))
        back_s = await _back(session, len(workers), killed)
        recovery = await session.recovery(killed + IN_FLIGHT_S, decided=back_s is None)
        now = session.now()
        after = between(session.player.samples(), killed + IN_FLIGHT_S, now - lab.pace.width_s, now)
        lost = sum(each.end is not None and not each.ok for each in after.samples)
        holds = back_s is not None and recovery.recovered and lost == 0
        cause, fix = no_respawn(lab.subject.command, len(workers), lost, respawned=back_s is not None)
        came = f"another took its place after {back_s:.1f} s" if back_s is not None else "nobody took its place"
        return Measured(
            holds=holds,
            sentence=f"{came}; {lost} requests that came later were lost{_late(recovery, after.hanging)}",
            value=back_s,
            threshold=RECOVERY_S,
            unit="s until as many workers as before",
            recovery_s=recovery.seconds,
            recovered=recovery.told,
            fault_proof={"fault": "SIGKILL", "times": 1, "workers": len(workers)},
            generator_proof=session.proof(),
            evidence={
                "control_success": round(control.success, 3),
                "workers": len(workers),
                "lost_later": lost,
                "still_waiting_at_the_end": after.hanging,
            },
            cause=cause,
            fix=fix,
        )


def _workers(session: Session) -> list[psutil.Process]:
    """Find the processes below the command that listen where requests are sent, oldest first."""
    port = urlsplit(session.lab.base_url).port
    found = []
    for pid in session.app.tree()[1:]:
        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            sockets = process.net_connections(kind="tcp")
            if any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in sockets):
                found.append(process)
    return sorted(found, key=lambda process: process.create_time())


def _late(recovery: Recovery, waiting: int) -> str:
    """Say that requests are not answered as before, and how many have no answer yet."""
    return "" if recovery.recovered else f", and {waiting} still wait: not as before within {recovery.watched_s:g} s"


async def _back(session: Session, before: int, killed: float) -> float | None:
    while (now := session.now()) - killed < min(RECOVERY_S, session.lab.pace.watch_s):
        if len(_workers(session)) >= before:
            return now - killed
        await asyncio.sleep(0.1)
    return None


TRIAL = Trial(
    name="worker-killed",
    title="A worker dies, and another takes its place",
    what="One of the processes that serve is killed (SIGKILL), as for want of memory.",
    why="It happens. What it was working on is lost; nothing else should be.",
    inject="SIGKILL to the youngest process below the command that listens; never to anything nineam did not start.",
    measure="Seconds until there are as many as before; requests lost that came later than the kill.",
    gate=f"As many as before within {RECOVERY_S:g} s, and nothing lost that came {IN_FLIGHT_S:g} s later.",
    evidence="Workers and requests, second by second.",
    causes=(
        "a supervisor that starts workers once: a script of one's own, old versions of `uvicorn --workers`",
        "a parent that ends with its first child",
    ),
    role="",
    run=run,
    seconds=8.0,
)
