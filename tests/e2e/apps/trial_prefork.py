"""A server of one's own: so many processes that share a socket; with `once` nobody replaces one that has died."""

import os
import signal
import socket
import sys

import uvicorn
from trial_small import app

WORKERS = 2


def worker(listener):
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
        os._exit(0)
    return pid


def main(port, once):
    listener = socket.create_server(("127.0.0.1", int(port)))
    workers = {worker(listener) for _ in range(WORKERS)}
    signal.signal(signal.SIGTERM, lambda *_: [os.kill(pid, signal.SIGTERM) for pid in workers])
    while workers:
        pid, status = os.wait()
        workers.discard(pid)
        if not once and os.waitstatus_to_exitcode(status) == -signal.SIGKILL:
            workers.add(worker(listener))


if __name__ == "__main__":
    main(sys.argv[1], "once" in sys.argv)
