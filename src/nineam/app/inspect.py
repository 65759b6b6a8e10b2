"""Look at an application from outside: run the probe in its interpreter, turn the answer into facts or an error."""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

import msgspec

from nineam.app.facts import AppFacts, Target
from nineam.app.interpreter import Interpreter
from nineam.app.output import Output
from nineam.app.target import parse_target
from nineam.errors import ApplicationError, UsageError, nearest

PROBE = Path(__file__).parent / "probe"
SHOWN_LINES = 12
START_ALLOWANCE_S = 3.0
"""What the interpreter's own start may take on top of the import's limit."""
MODULES_LISTED = 500
SERVER_CONFIGS = ("gunicorn.conf.py",)
SKIPPED = (".venv", "venv", "node_modules", "__pycache__", "site-packages", ".git")


def inspect_target(
    target: str, interpreter: Interpreter, cwd: Path, env: Mapping[str, str], timeout_s: float = 30.0
) -> AppFacts:
    """Import the target in its own interpreter, for at most `timeout_s` seconds, and describe it.

    Raises UsageError when the target is wrong (no such module or attribute, not an application) and
    ApplicationError when the application crashes or hangs while it is imported.
    """
    parsed = parse_target(target, cwd)
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as printed:
        code = _run(_probe(parsed, interpreter, timeout_s, answer), parsed.cwd, env, timeout_s, (answer, printed))
        text = _content(answer)
        document = _decoded(text)
        if document is None:
            raise _no_answer(parsed, text, code, timeout_s, _lines(printed))
    if not document.pop("ok"):
        _refuse(parsed, interpreter, document)
    present = [name for name in SERVER_CONFIGS if (Path(parsed.cwd) / name).is_file()]
    known = {"target": parsed, "interpreter": interpreter.path, "server_config": present}
    return msgspec.convert({**known, **document}, AppFacts)


def _probe(target: Target, interpreter: Interpreter, limit_s: float, answer: IO[bytes]) -> list[str]:
    """Spell the command that answers on the file `answer`."""
    request = {
        **{name: getattr(target, name) for name in ("module", "attribute", "call", "cwd", "search_path", "settings")},
        "limit_s": limit_s,
        "answer_fd": answer.fileno(),
    }
    return [interpreter.path, str(PROBE), json.dumps(request)]


def _run(command: list[str], cwd: str, env: Mapping[str, str], limit_s: float, files: tuple[IO[bytes], ...]) -> int:
    """Run the probe to its end, or kill it and whatever it started; its exit code."""
    answer, printed = files
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=printed,
        stderr=subprocess.STDOUT,
        pass_fds=[answer.fileno()],
        start_new_session=True,
    )
    try:
        return process.wait(limit_s + START_ALLOWANCE_S)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL
    finally:
        _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever the import started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _lines(file: IO[bytes]) -> tuple[str, ...]:
    output = Output()
    output.feed(_content(file)[-100_000:])
    return output.lines(SHOWN_LINES)


def _decoded(text: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _no_answer(target: Target, text: bytes, code: int, limit_s: float, lines: Sequence[str]) -> ApplicationError:
    shown = target.module or target.text
    if text or code == -signal.SIGKILL:
        where = _hanging_at(text.decode("utf-8", "replace"), target.search_path)
        return ApplicationError(
            f"importing {shown} did not finish in {limit_s:g} s" + (f": it waits at {where}" if where else ""),
            details=lines,
            hint="move what waits (a connection, a download) out of the import, or give it longer",
        )
    ended = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return ApplicationError(
        f"the interpreter ended while it imported {shown} ({ended})", details=lines, hint="run the import by itself"
    )


def _hanging_at(traceback: str, root: str) -> str:
    """Find the innermost line of the application in a dump of the threads' stacks, else the innermost line."""
    frames = re.findall(r'File "(.+?)", line (\d+)', traceback)
    inside = root.rstrip(os.sep) + os.sep
    own = [frame for frame in frames if frame[0].startswith(inside) and "site-packages" not in frame[0]]
    chosen = (own or frames)[:1]
    return "".join(f"{name.removeprefix(inside)}:{line}" for name, line in chosen)


def _refuse(target: Target, interpreter: Interpreter, facts: Mapping[str, Any]) -> NoReturn:
    """Raise the error that the probe's refusal stands for."""
    kinds = {
        "module-not-found": lambda: _module_not_found(target, interpreter, facts),
        "attribute-missing": lambda: _attribute_missing(target, facts),
        "not-an-app": lambda: _not_an_app(target, facts),
    }
    raise kinds.get(str(facts["error"]), lambda: _crash(target, interpreter, facts))()


def _module_not_found(target: Target, interpreter: Interpreter, facts: Mapping[str, Any]) -> UsageError:
    modules = _modules_in(Path(target.search_path))
    near = nearest(target.module, modules)
    here = ", ".join(modules[:8]) or "none"
    return UsageError(
        f"target {target.text!r}: {interpreter.path} finds no module {facts['name']!r} from {target.search_path}",
        details=(f"modules here: {here}",),
        hint=f"did you mean {near}{':' + target.attribute if target.attribute else ''}?"
        if near
        else "run it in the project's folder, give --cwd, or --python with the interpreter it is installed in",
    )


def _modules_in(root: Path) -> list[str]:
    """Dotted names of the modules up to three folders deep, the shallow ones first."""
    found: list[str] = []
    for pattern in ("*.py", "*/*.py", "*/*/*.py"):
        for path in sorted(root.glob(pattern)):
            parts = path.relative_to(root).with_suffix("").parts
            if not set(parts) & set(SKIPPED) and all(part.isidentifier() for part in parts):
                found.append(".".join(parts).removesuffix(".__init__"))
    return found[:MODULES_LISTED]


def _attribute_missing(target: Target, facts: Mapping[str, Any]) -> UsageError:
    candidates: list[str] = facts["candidates"]
    near = nearest(str(facts["attribute"]), candidates) or nearest(str(facts["attribute"]), facts["names"])
    choice = near or (candidates[0] if candidates else "")
    what = f"has no {facts['attribute']!r}" if facts["attribute"] else "has more than one application, or none"
    return UsageError(
        f"target {target.text!r}: module {target.module} {what}",
        details=(f"what looks like an application there: {', '.join(candidates) or 'nothing'}",),
        hint=f"did you mean {target.module}:{choice}?" if choice else "name the variable: module:variable",
    )


def _not_an_app(target: Target, facts: Mapping[str, Any]) -> UsageError:
    candidates: list[str] = facts["candidates"]
    return UsageError(
        f"target {target.text!r} is {facts['type']}, not an ASGI or WSGI application",
        details=(f"what looks like an application there: {', '.join(candidates) or 'nothing'}",),
        hint=f"did you mean {target.module}:{candidates[0]}?" if candidates else "name the application object",
    )


def _crash(target: Target, interpreter: Interpreter, facts: Mapping[str, Any]) -> ApplicationError:
    hint = f"python -c 'import {target.module or target.settings}' must work first"
    if facts["missing"]:
        package = str(facts["missing"]).partition(".")[0]
        hint = f"install what provides {package!r} with {interpreter.path} -m pip, or choose another --python"
    where = f" at {facts['where']}" if facts["where"] else ""
    message = f": {facts['message']}" if facts["message"] else ""
    return ApplicationError(
        f"the application raises {facts['type']}{where} while it is imported{message}",
        details=facts["traceback"],
        hint=hint,
    )
