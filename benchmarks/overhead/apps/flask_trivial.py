"""The simplest view of Flask."""

import watched

watched.start()

from flask import Flask  # noqa: E402 - some watchers have to come first

application = Flask(__name__)


@application.get("/trivial")
def trivial():
    """Answer at once."""
    return {"hello": "world"}


@application.get("/seen")
def seen():
    """Tell what was seen."""
    return watched.seen()


app = watched.wsgi(application)
