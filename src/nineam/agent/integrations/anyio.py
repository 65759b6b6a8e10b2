"""The thread pool that synchronous endpoints, dependencies and file responses share."""

from ..arrivals import leaving_async
from ..request import current
from ..visits import arrive, depart
from ..wire import LOOP_LAG

GONE = object()


def install(agent, module):
    """Split the wait for a thread from the work in it, and the work from the way back onto the loop."""
    waiting_layer = agent.layer("threadpool_wait")
    counts = {"threadpool.waiting": 0, "threadpool.running": 0}

    def make(original):
        async def run_sync_in_worker_thread(cls, func, args, *rest, **options):
            request = current.get()
            if request is None or request.done:
                return await original(cls, func, args, *rest, **options)
            state = [waiting_layer]

            def work(*args):
                visit = arrive(request)
                request.leave(waiting_layer)
                state[0] = None
                counts["threadpool.waiting"] -= 1
                counts["threadpool.running"] += 1
                try:
                    return func(*args)
                finally:
                    counts["threadpool.running"] -= 1
                    if state[0] is not GONE:
                        state[0] = LOOP_LAG
                        request.enter(LOOP_LAG)
                    if visit is not None:
                        depart(visit)  # last: on a busy machine a thread may lose its processor in here

            request.enter(waiting_layer)
            counts["threadpool.waiting"] += 1
            try:
                return await original(cls, work, args, *rest, **options)
            finally:
                # from here on nobody waits for the thread, even if it goes on (an abandoned call)
                entered, state[0] = state[0], GONE
                if entered is not None:
                    request.leave(entered)
                if entered == waiting_layer:
                    counts["threadpool.waiting"] -= 1

        return run_sync_in_worker_thread

    agent.patcher.wrap(module.AsyncIOBackend, "run_sync_in_worker_thread", make)
    agent.patcher.wrap(module.SocketStream, "send", leaving_async(lambda stream, *_: stream._transport))
    agent.recorder.gauge("anyio", lambda: counts)
    agent.recorder.on_fork(lambda: counts.update(dict.fromkeys(counts, 0)))
