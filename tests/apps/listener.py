"""Command-line servers that misbehave: `python listener.py HOW [PORT]`; port 0 lets the system choose."""

import os
import signal
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()


def http(port):
    print("serving", flush=True)
    HTTPServer(("127.0.0.1", port), Hello).serve_forever()


def silent(port):
    listener = socket.create_server(("127.0.0.1", port))
    print("accepting", flush=True)
    while True:
        connection, _ = listener.accept()
        connection.recv(65536)
        threading.Thread(target=connection.recv, args=(1,)).start()


def closed(port):
    print("no port here", flush=True)
    signal.pause()


def dies(port):
    print("about to give up")
    print("\x1b[31mcannot reach the database\x1b[0m", file=sys.stderr)
    sys.exit(3)


def both(port):
    """One port that never answers HTTP beside one that does."""
    threading.Thread(target=silent, args=(0,), daemon=True).start()
    http(port)


def stubborn(port):
    """Ignores SIGTERM, and has a child in a session of its own that ignores it too."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if port != 1:
        subprocess.Popen([sys.executable, __file__, "stubborn", "1"], start_new_session=True)
    print("pid", os.getpid(), flush=True)
    while True:
        signal.pause()


def daemon(port):
    """Leaves a child that the usual double fork detached."""
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        print("pid", os.getpid(), flush=True)
        signal.pause()
    os.wait()
    signal.pause()


if __name__ == "__main__":
    globals()[sys.argv[1]](int(sys.argv[2]) if len(sys.argv) > 2 else 0)
