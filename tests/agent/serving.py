"""Real servers with the agent aboard, and requests that say when they were sent."""

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import kit

ASGI = {
    "uvicorn-httptools": ["uvicorn", "served_asgi:app", "--port={port}", "--http=httptools", "--loop=uvloop"],
    "uvicorn-h11": ["uvicorn", "served_asgi:app", "--port={port}", "--http=h11", "--loop=asyncio"],
    "hypercorn": ["hypercorn", "served_asgi:app", "--bind=127.0.0.1:{port}"],
    "granian": ["granian", "served_asgi:app", "--interface=asgi", "--port={port}"],
    "gunicorn-asgi": ["gunicorn", "served_asgi:app", "--bind=127.0.0.1:{port}", "--worker-class=asgi"],
    "gunicorn-uvicorn": [
        "gunicorn", "served_asgi:app", "--bind=127.0.0.1:{port}", "--worker-class=uvicorn_worker.UvicornWorker",
    ],
}  # fmt: skip
WSGI = {
    "gunicorn-sync": ["gunicorn", "served_wsgi:app", "--bind=127.0.0.1:{port}"],
    "gunicorn-gthread": ["gunicorn", "served_wsgi:app", "--bind=127.0.0.1:{port}", "--worker-class=gthread"],
    "waitress": ["waitress", "--listen=127.0.0.1:{port}", "--threads=1", "served_wsgi:app"],
    "granian-wsgi": ["granian", "served_wsgi:app", "--interface=wsgi", "--port={port}", "--blocking-threads=1"],
    "hypercorn-wsgi": ["hypercorn", "wsgi:served_wsgi:app", "--bind=127.0.0.1:{port}"],
    "uvicorn-wsgi": ["uvicorn", "served_wsgi:app", "--port={port}", "--interface=wsgi"],
    "werkzeug": ["served_wsgi.py", "werkzeug", "{port}"],
    "wsgiref": ["served_wsgi.py", "wsgiref", "{port}"],
}
LOOPS = {
    f"loop-{loop}": ["uvicorn", "loop_truth:app", "--port={port}", f"--loop={loop}"] for loop in ("asyncio", "uvloop")
}  # fmt: skip
ONE_AT_A_TIME = ("gunicorn-sync", "gunicorn-gthread", "waitress", "granian-wsgi", "werkzeug", "wsgiref")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def server(name: str, controller: kit.FakeController, **more: str):
    """Start a server in a child; yields its port, and ends it as a supervisor would."""
    port = free_port()
    command = [part.format(port=port) for part in (ASGI | WSGI | LOOPS)[name]]
    module = [] if command[0].endswith(".py") else ["-m"]
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", *module, *command],
        env=kit.environment(controller.path, **more), cwd=Path(kit.CHILDREN),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        wait_until_it_listens(port, child)
        yield port
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()


def wait_until_it_listens(port: int, child: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if child.poll() is not None:
            raise RuntimeError(child.stdout.read() if child.stdout else "ended")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("does not listen")


def ask(port: int, path: str) -> tuple[int, str]:
    """Send one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"x-nineam-sent": str(time.perf_counter_ns())})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
