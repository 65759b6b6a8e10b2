"""Calls a WSGI application in-process, as a server would, and measures it from outside."""

import io
import sys
import time


def call_wsgi(app, path, method="GET", content=b"", content_type="application/json"):
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "x",
        "SERVER_PORT": "80", "wsgi.input": io.BytesIO(content), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0), "CONTENT_LENGTH": str(len(content)), "CONTENT_TYPE": content_type,
    }  # fmt: skip
    told = []
    begin = time.perf_counter_ns()
    response = app(environ, lambda status, headers, *rest: told.append((int(status[:3]), headers)))
    taken = time.perf_counter_ns() - begin
    text = b"".join(response)
    response.close()
    return told[0][0], text, taken
