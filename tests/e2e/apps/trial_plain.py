"""A thread for every client, nothing but the standard library, and an HTTP service that one page calls."""

import http.client
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SERVICE = urlsplit(os.environ["PAYMENTS_URL"]).netloc
TIMEOUT_S = None if "no-timeout" in os.environ.get("SINS", "") else 0.5


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = 200, b"ok"
        if self.path == "/pay":
            connection = http.client.HTTPConnection(SERVICE, timeout=TIMEOUT_S)
            try:
                connection.request("GET", "/charge")
                body = connection.getresponse().read()
            except OSError:
                status = 502
            finally:
                connection.close()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Say nothing."""


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
