"""An application without a framework, which hands some of its paths to one that is."""

import sys
import time

from flask import Flask

framework = Flask(__name__)


@framework.get("/framework/<name>")
def inside(name):
    time.sleep(0.03)
    return "inside"


class Outer:
    def __call__(self, environ, start_response):
        time.sleep(0.02)
        path = environ["PATH_INFO"]
        if path.startswith("/framework"):
            return framework(environ, start_response)
        start_response("201 Created", [("Content-Type", "text/plain"), ("Content-Length", "5")])
        return streamed() if path.startswith("/streamed") else [b"plain"]


def streamed():
    time.sleep(0.03)
    yield b"pla"
    yield b"in"


app = Outer()

if __name__ == "__main__":
    kind, port = sys.argv[1], int(sys.argv[2])
    if kind == "werkzeug":
        from werkzeug.serving import run_simple

        run_simple("127.0.0.1", port, app)
    else:
        from wsgiref.simple_server import make_server

        make_server("127.0.0.1", port, app).serve_forever()
