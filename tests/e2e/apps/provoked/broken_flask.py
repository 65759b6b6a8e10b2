"""An application without a document, with bugs; SAFE=1 in the environment repairs them.

With KILLED=1 one of them ends its process.
"""

import os

from flask import Flask, abort, jsonify, request

app = Flask(__name__)
SAFE = os.environ.get("SAFE") == "1"


@app.get("/pages")
def pages():
    """Trusts what it is given."""
    text = request.args.get("page", "1")
    if SAFE and not text.isascii():
        abort(400)
    if SAFE and not text.lstrip("-").isdigit():
        abort(400)
    return jsonify(page=int(text[:20]))


@app.post("/login")
def login():
    """Takes it for granted that there is a name."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        if not SAFE:
            raise
        body = None
    if SAFE and not (isinstance(body, dict) and isinstance(body.get("name"), str)):
        abort(400)
    return jsonify(hello=body["name"].title())


@app.get("/files/<path:name>")
def files(name):
    """Ends its process where another would have crashed in a library written in C."""
    if os.environ.get("KILLED") == "1" and "\x00" in name and not SAFE:
        os._exit(139)
    return jsonify(name=name)
