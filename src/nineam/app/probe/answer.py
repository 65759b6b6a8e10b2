"""One request in, one JSON document out, whatever the application does while it is imported."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from typing import Any

from . import classify, describe, locate, routes
from .refusal import Refused


def main(argument: str) -> None:
    """Answer on the file descriptor that the request names, then end without waiting for foreign threads."""
    request = json.loads(argument)
    descriptor = request["answer_fd"]
    os.set_inheritable(descriptor, False)
    # a hang is shown by where it hangs: the traceback takes the place of the answer
    faulthandler.dump_traceback_later(request["limit_s"], exit=True, file=descriptor)
    _prepare_path(request["cwd"], request["search_path"])
    sys.argv = [request["module"] or "manage.py"]
    try:
        answer = look(request)
    except Refused as refused:
        answer = {"ok": False, **refused.facts}
    faulthandler.cancel_dump_traceback_later()
    os.write(descriptor, json.dumps(answer, default=str).encode("utf-8", "backslashreplace"))
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue
    os._exit(0)


def _prepare_path(cwd: str, search_path: str) -> None:
    """Set the same order that `python -m SERVER` in `cwd` with PYTHONPATH=search_path gives."""
    entries = [cwd] if cwd == search_path else [cwd, search_path]
    sys.path[:] = entries + [entry for entry in sys.path if entry not in entries]


def look(request: dict[str, Any]) -> dict[str, Any]:
    """Everything about the application; raises Refused."""
    root = request["search_path"]
    module, attribute, call = request["module"], request["attribute"], request["call"]
    if request["settings"]:
        module, attribute = locate.django_entry(request["settings"], root)
    if not module:
        return _facts(None, "", "", "", classify.Judgement("wsgi", "django", False))
    found = locate.import_target(module, root)
    attribute = attribute or locate.default_attribute(found)
    thing = locate.resolve(found, attribute)
    judgement = classify.judge(thing)
    if call or judgement.factory:
        call = call or f"{attribute}()"
        thing = locate.call_factory(thing, call, root)
        judgement = classify.judge(thing)._replace(factory=True)
    if not judgement.kind:
        raise Refused("not-an-app", type=classify.type_name(thing), candidates=locate.candidates(found))
    return _facts(thing, module, attribute, call, judgement)


def _facts(thing: Any, module: str, attribute: str, call: str, judgement: classify.Judgement) -> dict[str, Any]:
    inner = classify.innermost(thing)
    found = routes.of(inner, judgement.framework)
    return {
        "ok": True,
        "module": module,
        "attribute": attribute,
        "call": call,
        "kind": judgement.kind,
        "factory": judgement.factory,
        "framework": judgement.framework or "unknown",
        "framework_version": describe.version(judgement.framework),
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "servers": describe.servers(),
        "routes": found,
        "openapi_path": describe.openapi_path(inner, found),
        "database": describe.database(inner),
        "health_path": describe.health_path(found),
        "debug": describe.debug(inner),
    }
