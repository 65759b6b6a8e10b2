"""A receiver on loopback that decodes what arrives with the libraries that others decode it with."""

import http.server
import threading

import pytest


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps every request; answers with `status`, after `gate` is open."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.gate = threading.Event()
        self.gate.set()
        self.received = []
        self.arrived = threading.Semaphore(0)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, self.headers, body))
        self.server.arrived.release()
        self.server.gate.wait(30)
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def receiver():
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.gate.set()
        server.shutdown()
        thread.join()
