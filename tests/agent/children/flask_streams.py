"""A Flask application whose answers are made while they are sent, asked as a server would."""

import json
import time

from django_calls import call_wsgi
from flask import Flask, Response, stream_with_context

app = Flask(__name__)
truth = []


def busy(milliseconds):
    begin = time.perf_counter_ns()
    time.sleep(milliseconds / 1000)
    truth.append((time.perf_counter_ns() - begin) / 1e6)


@app.get("/pours")
def pours():
    def pieces():
        for piece in ("a", "b", "c"):
            busy(5)
            yield piece

    busy(3)
    return Response(stream_with_context(pieces()))


@app.get("/whole")
def whole():
    busy(5)
    return "whole"


class Around:
    """What an application may put around `wsgi_app`: it works on every piece."""

    def __init__(self, inner):
        self._inner = inner

    def __call__(self, environ, start_response):
        pieces = self._inner(environ, start_response)
        try:
            for piece in pieces:
                busy(2)
                yield piece
        finally:
            pieces.close()


def ask(path):
    answers = []
    for _ in range(4):
        truth.clear()
        status, text, _ = call_wsgi(app, path)
        answers.append({"status": status, "text": text.decode(), "truth": list(truth)})
    return answers


seen = {"plain": {path: ask(path) for path in ("/pours", "/whole")}}
app.wsgi_app = Around(app.wsgi_app)
seen["around"] = {path: ask(path) for path in ("/pours", "/whole")}
print(json.dumps(seen))
