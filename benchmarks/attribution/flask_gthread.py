"""Flask with hooks before and after each request, served by threads."""

import os
from typing import Any

from flask import Flask, Response, jsonify, render_template

from benchmarks.attribution import ledger, parts, plan, synchronous, wrappers


class Slow:
    """A value that is slow to serialize."""


framework = Flask(__name__)
framework.json.default = lambda _: ledger.spin("serializer", plan.SERIALIZER)  # type: ignore[attr-defined]
access = synchronous.data_of(os.environ["ATTRIBUTION_DATA"], os.environ["ATTRIBUTION_DATABASE"])


@framework.before_request
def spinning() -> None:
    """Compute before the view."""
    ledger.spin("middleware:spinning", plan.HOOK_SPIN)


@framework.before_request
def waiting() -> None:
    """Wait before the view."""
    ledger.sleep("middleware:waiting", plan.HOOK_WAIT)


@framework.after_request
def following(response: Response) -> Response:
    """Compute after the view."""
    ledger.spin("middleware:following", plan.MIDDLEWARE_SPIN)
    return response


@framework.get("/work")
def work() -> Any:
    """Pay everything that is no business of databases and other services."""
    with ledger.within("view"):
        ledger.spin("view", plan.VIEW_SPIN)
        ledger.sleep("view", plan.VIEW_WAIT)
        parts.lock()
        parts.log.warning("somebody was here")
        parts.password()
        page = render_template("costs.html", spin=lambda: ledger.spin("template", plan.TEMPLATE))
        return jsonify([page, Slow()])


@framework.get("/data")
def data() -> str:
    """Ask the database."""
    with ledger.within(access.own):
        synchronous.everything(access)
        return "asked"


@framework.get("/calls")
def calls() -> str:
    """Ask other services."""
    with ledger.within("view"):
        parts.call()
        return "asked"


framework.wsgi_app = wrappers.WsgiLedger(framework.wsgi_app)  # type: ignore[method-assign]
app = framework
