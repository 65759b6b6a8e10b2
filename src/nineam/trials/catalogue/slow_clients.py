"""Clients that take for ever to say what they want."""

import asyncio
import contextlib
from urllib.parse import urlsplit

from nineam.model.trial import Dependency
from nineam.trials.lab import Lab
from nineam.trials.player import Player
from nineam.trials.server_advice import slow_clients_hold
from nineam.trials.trial import Measured, Trial

CLIENTS = 200
LINE_EVERY_S = 1.0
LEAST_SUCCESS = 0.99
CONNECT_S = 2.0
SOON_S = 2.0


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Let clients send their requests line by line, and ask on connections of our own meanwhile."""
    async with lab.session() as session:
        control = await session.control()
        session.player.rate = 0.0
        slow = [asyncio.create_task(_dawdle(lab.base_url, number / CLIENTS)) for number in range(CLIENTS)]
        await session.wait(LINE_EVERY_S + 0.5)
        probe = Player(lab.base_url, lab.requests, limit_s=lab.pace.patience_s)
        try:
            probe.start(lab.rate)
            began = session.now()
            await session.wait(lab.pace.fault_s)
            seen = probe.between(began, session.now() - 0.25)
        finally:
            probe.close()
            for each in slow:
                each.cancel()
        held = sum(not each.done() for each in slow)
        served = seen.within(SOON_S) / seen.requests if seen.requests else 0.0
        cause, fix = slow_clients_hold(lab.subject.command)
        return Measured(
            holds=served >= LEAST_SUCCESS,
            sentence=f"with {CLIENTS} slow clients {served:.0%} of the others are served within {SOON_S:g} s",
            value=round(served * 100, 1),
            threshold=LEAST_SUCCESS * 100,
            unit="% of the other requests",
            fault_proof={"fault": "slow clients", "times": CLIENTS, "still_held": held},
            generator_proof=session.proof(),
            evidence={
                "control_success": round(control.success, 3),
                "p95_ms_before": round(control.p95_ms, 1),
                "p95_ms_with_them": round(seen.p95_ms, 1),
                "slow_clients_still_held": held,
                "others": seen.outcomes(),
            },
            cause=cause,
            fix=fix,
        )


async def _dawdle(base_url: str, after_s: float) -> None:
    """Begin a request, and send a header now and then, until somebody hangs up."""
    await asyncio.sleep(after_s)
    parts = urlsplit(base_url)
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(f"GET / HTTP/1.1\r\nHost: {parts.netloc}\r\n".encode())
            number = 0
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LINE_EVERY_S):
                        await reader.read(1024)
                    return
                number += 1
                writer.write(f"X-Slow-{number}: yes\r\n".encode())
        finally:
            writer.close()


TRIAL = Trial(
    name="slow-clients",
    title=f"{CLIENTS} clients that take for ever",
    what=f"{CLIENTS} clients open a connection and send one line of their request a second, without an end.",
    why="Telephones in a tunnel do that, and so does everybody who means harm: it costs them nothing. A server with a "
    "thread for each client is then full.",
    inject="Connections with half a request; ordinary requests arrive on connections of their own.",
    measure=f"The share of the ordinary requests that is served within {SOON_S:g} s.",
    gate="At least 99 %.",
    evidence="How many slow clients are still held at the end.",
    causes=(
        "gunicorn's `sync` worker without a proxy that buffers requests in front of it",
        "as many threads as clients are enough to fill a `gthread` worker",
        "no limit to the time a request's head may take (uvicorn has none)",
    ),
    role="",
    run=run,
    usual=False,
    seconds=12.0,
)
