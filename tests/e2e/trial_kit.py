"""What tests of trials share: an HTTP dependency, and a call of `nineam trial` that returns its document."""

import contextlib
import http.server
import json
import os
import sys
import threading
from pathlib import Path

import psycopg
import pytest

APPS = Path(__file__).parent / "apps"
POSTGRES = "postgresql://postgres@localhost:5432/postgres"
REDIS = "redis://localhost:6379/0"
SHORT = ("--control-time", "1", "--fault-time", "1.5", "--watch-time", "3", "--patience", "6", "--rate", "15")
"""Long enough to see something."""
LIMIT_S = 400


def needs_postgres():
    """Skip, by name, what cannot be tested without PostgreSQL."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as problem:
        pytest.skip(f"needs PostgreSQL on 127.0.0.1: {problem}")


class Charge(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *arguments):
        """Say nothing."""


@contextlib.contextmanager
def payments():
    """Serve the HTTP dependency; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Charge)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def own_python():
    """Name the interpreter that has the servers and drivers: the one that runs the tests."""
    return "--python", str(Path(sys.executable).parent.parent)


def own_environment(variables):
    """Have its commands on the path."""
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"} | variables


def trial(nineam, *arguments, env, pace=SHORT, cwd=APPS):
    """Run trials; the outcome, and the document by the names of its trials."""
    before, _, command = " ".join(arguments).partition(" -- ")
    tail = ("--", *command.split()) if command else ()
    outcome = nineam(
        "trial",
        *before.split(),
        *own_python(),
        *pace,
        "--time",
        "10m",
        "--json",
        "-",
        *tail,
        cwd=cwd,
        env=own_environment(env),
        limit_s=LIMIT_S,
    )
    assert "Traceback" not in outcome.err, outcome.err
    document = json.loads(outcome.out) if outcome.out else {"trials": []}
    return outcome, document, {each["name"]: each for each in document["trials"]}
