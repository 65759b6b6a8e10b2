"""One process per case of sampling: who else uses the signal, what becomes of it, and what is seen of waits."""

import _signal
import asyncio
import json
import os
import signal
import sys
import time

from driver import call
from sampled import compute
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

ANSWER = {}


def note(signum, frame):
    ANSWER["called"] = True


def busy(request):
    compute(400)
    return PlainTextResponse("")


async def abusy(request):
    compute(200)
    return PlainTextResponse("")


async def waits(request):
    await asyncio.sleep(0.4)
    return PlainTextResponse("")


async def children(request):
    await asyncio.gather(child(), child())
    return PlainTextResponse("")


async def child():
    compute(100)


async def alarmed(request):
    ANSWER["before"] = signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    signal.signal(signal.SIGALRM, note)
    ANSWER["left"] = signal.alarm(1)
    compute(1200)
    return PlainTextResponse("")


async def execs(request):
    compute(50)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(0.5); print('\"went on\"')"])


async def forks(request):
    compute(50)
    child = os.fork()
    if not child:
        os._exit(0 if _signal.getitimer(_signal.ITIMER_REAL) == (0.0, 0.0) else 1)
    ANSWER["child"] = os.waitpid(child, 0)[1]
    compute(200)
    return PlainTextResponse("")


def in_core():
    from sqlalchemy.util import await_only

    compute(100)
    await_only(asyncio.sleep(0.2))


async def greenlets(request):
    from sqlalchemy.util import greenlet_spawn

    await greenlet_spawn(in_core)
    return PlainTextResponse("")


app = Starlette(routes=[Route("/" + view.__name__, view) for view in (
    busy, abusy, waits, children, alarmed, execs, forks, greenlets,
)])  # fmt: skip


async def ask(case):
    many = 60 if case == "waits" else 1
    await asyncio.gather(*(call(app, f"/{case}") for _ in range(many)))


def stopped():
    """Stop the agent; nothing of the sampler's is left."""
    before = {name: vars(signal)[name] for name in ("signal", "getsignal", "alarm", "setitimer", "getitimer")}
    asyncio.run(ask("abusy"))
    sys.modules["nineam_agent.boot"].stop()
    now = {name: vars(signal)[name] for name in before}
    ANSWER["ours"] = [name for name, function in now.items() if getattr(function, "__nineam__", False)]
    ANSWER["same"] = now == before
    ANSWER["exec"] = [os.execv.__module__, os.execve.__module__]
    ANSWER["handler"] = _signal.getsignal(_signal.SIGALRM) == signal.SIG_DFL


if __name__ == "__main__":
    case = sys.argv[1]
    if case == "taken":
        signal.signal(signal.SIGALRM, note)
        asyncio.run(ask("abusy"))
    elif case == "stopped":
        stopped()
    else:
        asyncio.run(ask(case))
    time.sleep(0.5)
    ANSWER["timer"] = _signal.getitimer(_signal.ITIMER_REAL)
    print(json.dumps(ANSWER))
