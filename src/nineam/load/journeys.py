"""Loading a journeys file, and saying what is wrong with one."""

import ast
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import FrameType, ModuleType

import msgspec

from nineam.errors import UsageError, nearest, pointer
from nineam.load.importing import contained
from nineam.load.metrics import Type
from nineam.model import Scenario
from nineam.model.scenario_options import scenario_from
from nineam.model.traffic import MOST_WEIGHT
from nineam.script import ATTRIBUTE, Journey

EXAMPLE = "@journey\nasync def browse(user): ..."
MODULE_NAME = "nineam_journeys"
LONGEST_MESSAGE = 300
METRICS: dict[str, Type] = {"metric": "trend", "counter": "counter", "gauge": "gauge", "rate": "rate"}
OWN_OPTIONS = ("weight", "name", "setup", "teardown")


def load_journeys(path: str) -> tuple[Journey, ...]:
    """Load the journeys of a file, in the order they are written.

    Raises `UsageError` when the file is missing, is no Python, fails while it is imported, has no journey in it,
    or has one that could not run.
    """
    file = Path(path)
    if not file.is_file():
        raise _missing(file)
    module = _import(file)
    found = (getattr(value, ATTRIBUTE, None) for value in vars(module).values())
    journeys = tuple(dict.fromkeys(journey for journey in found if isinstance(journey, Journey)))
    if not journeys:
        raise _none_found(file, module)
    for journey in journeys:
        _check(journey, file)
    return journeys


def scenarios_of_journeys(path: str) -> tuple[Scenario, ...]:
    """Give the scenarios that the journeys of a file declare: one for each journey with an executor.

    Raises `UsageError` as `load_journeys` does, and when some journeys declare one and others do not.
    """
    journeys = load_journeys(path)
    declared = [journey for journey in journeys if journey.options]
    if declared and len(declared) < len(journeys):
        raise _without_executor([journey for journey in journeys if not journey.options], declared)
    return tuple(_scenario(journey) for journey in declared)


def metric_names(path: str) -> dict[str, Type]:
    """Give the kinds of the metrics that a journeys file adds to, by name, without running it.

    There are none if it cannot be read, or in names that are not written out.
    """
    try:
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return {}
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    named = ((getattr(call.func, "attr", getattr(call.func, "id", "")), call.args[0]) for call in calls)
    return {
        first.value: METRICS[name]
        for name, first in named
        if name in METRICS and isinstance(first, ast.Constant) and isinstance(first.value, str)
    }


def describe_problem(error: BaseException, journeys_file: str) -> tuple[str, str]:
    """One line about an exception out of a journey, and the `file:line` of the journey where it came up."""
    root = _root(error)
    text = _text(root).partition("\n")[0][:LONGEST_MESSAGE]
    message = f"{type(root).__name__}: {text}" if text else type(root).__name__
    return message, _where((root, error), journeys_file)


def line_of_frame(frame: FrameType | None, journeys_file: str) -> str:
    """Give the `file:line` of the innermost frame that runs the journeys file; empty when none does."""
    while frame is not None:
        if frame.f_code.co_filename == journeys_file:
            return f"{Path(journeys_file).name}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def outermost_frame(frame: FrameType | None, journeys_file: str) -> int:
    """Give the identity of the outermost frame that runs the journeys file; 0 when none does."""
    found = 0
    while frame is not None:
        if frame.f_code.co_filename == journeys_file:
            found = id(frame)
        frame = frame.f_back
    return found


def resolved(path: str) -> str:
    """Give the absolute path under which the frames of a journeys file are known."""
    return str(Path(path).resolve()) if path else ""


def _import(file: Path) -> ModuleType:
    location = resolved(str(file))
    spec = importlib.util.spec_from_file_location(MODULE_NAME, location)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} is no Python file", hint="A journeys file ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE_NAME] = module
    sys.path.insert(0, str(Path(location).parent))
    sys.path.append(str(Path.cwd()))
    try:
        with contained(file):
            spec.loader.exec_module(module)
    except SyntaxError as error:
        raise _syntax(file, error) from error
    except (Exception, SystemExit) as error:
        raise _failing(file, error) from error
    return module


def _missing(file: Path) -> UsageError:
    folder = file.parent
    there = sorted(path.name for path in folder.glob("*.py")) if folder.is_dir() else []
    close = nearest(file.name, there)
    hint = f"Did you mean {folder / close}?" if close else "`nineam init` writes a monday.py to start from."
    return UsageError(f"no journeys file at {file}", hint=hint)


def _syntax(file: Path, error: SyntaxError) -> UsageError:
    name = Path(error.filename).name if error.filename else file.name
    source = (error.text or "").rstrip("\n")
    indent = len(source) - len(source.lstrip())
    column = max(0, (error.offset or 1) - 1 - indent)
    length = (error.end_offset or 0) - (error.offset or 0) if error.end_lineno == error.lineno else 1
    return UsageError(
        f"{name}:{error.lineno} is not Python: {error.msg}",
        details=pointer(source.strip(), column, max(1, length)),
        hint="Correct that line and run again.",
    )


def _failing(file: Path, error: BaseException) -> UsageError:
    message, where = describe_problem(error, resolved(str(file)))
    name, _, line = where.rpartition(":")
    return UsageError(
        f"{where or file} could not be imported: {message}",
        details=_source(file, int(line)) if name == file.name else (),
        hint="The file runs in nineam's own interpreter: what it imports has to be installed there."
        if isinstance(error, ImportError)
        else "Correct that line and run again.",
    )


def _source(file: Path, line: int) -> tuple[str, ...]:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return (lines[line - 1].strip(),) if 0 < line <= len(lines) else ()


def _none_found(file: Path, module: ModuleType) -> UsageError:
    candidates = [
        f"{name} (line {value.__code__.co_firstlineno})"
        for name, value in vars(module).items()
        if inspect.iscoroutinefunction(value) and value.__module__ == MODULE_NAME
    ]
    hint = f"Put @journey above {' or '.join(candidates)}." if candidates else "Add one:"
    details = () if candidates else EXAMPLE.splitlines()
    return UsageError(f"no journey in {file}: expected at least one function with @journey", details=details, hint=hint)


def _check(journey: Journey, file: Path) -> None:
    function = journey.function
    source = _definition(file, journey)
    for name, each in (("", function), ("setup ", journey.setup), ("teardown ", journey.teardown)):
        if each is not None and not inspect.iscoroutinefunction(each):
            message = f"{journey.where}: {name}{getattr(each, '__name__', each)} is not async"
            raise UsageError(message, details=source, hint="Write `async def`, and `await` each request.")
    if not _takes_one(function):
        raise UsageError(
            f"{journey.where}: journey {journey.name} must take exactly one argument, the user",
            details=source,
            hint=f"Write `async def {function.__name__}(user):`.",
        )
    if journey.options:
        _scenario(journey)
    if not 0 < journey.weight <= MOST_WEIGHT:
        wanted = f"more than 0, at most {MOST_WEIGHT:g}"
        raise UsageError(
            f"{journey.where}: journey {journey.name} has weight {journey.weight:g}, expected {wanted}",
            details=source,
            hint="Remove @journey from a journey that should not run.",
        )


def _scenario(journey: Journey) -> Scenario:
    where = f"{journey.where}: @journey of {journey.name}"
    if "exec" in journey.options:
        raise UsageError(
            f"{where} has exec, which belongs into nineam.toml", hint="A journey runs itself: leave it out."
        )
    scenario = scenario_from(journey.name, journey.options, where, also=OWN_OPTIONS)
    return msgspec.structs.replace(scenario, exec=(journey.name,))


def _without_executor(plain: Sequence[Journey], declared: Sequence[Journey]) -> UsageError:
    names = ", ".join(f"{journey.name} ({journey.where})" for journey in plain)
    others = ", ".join(journey.name for journey in declared)
    message = f"{names}: no executor, so nothing would ever run {'it' if len(plain) == 1 else 'them'}"
    hint = "Give it an executor too, or take the executors away: then all journeys run by weight."
    return UsageError(message, details=[f"with an executor: {others}"], hint=hint)


def _definition(file: Path, journey: Journey) -> tuple[str, ...]:
    """Give the `def` line of a journey, which stands below its decorators."""
    name, _, line = journey.where.rpartition(":")
    if name != file.name:
        return ()
    below = file.read_text(encoding="utf-8", errors="replace").splitlines()[int(line) - 1 :]
    return tuple(text.strip() for text in below if text.lstrip().startswith(("def ", "async def ")))[:1]


def _takes_one(function: object) -> bool:
    try:
        inspect.signature(function).bind(None)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def _root(error: BaseException) -> BaseException:
    """Find what went wrong in a task of a group, or what Python made of a `StopIteration`, which hides its line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    stop = error.__cause__
    return stop if isinstance(error, RuntimeError) and isinstance(stop, StopIteration) else error


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - an exception that cannot say what it is still has a type and a line
        return ""


def _where(errors: Iterable[BaseException], journeys_file: str) -> str:
    """Give the innermost line of the journeys in the first error that has any, else wherever it came up."""
    frames = [frame for error in errors for frame in reversed(list(traceback.walk_tb(error.__traceback__)))]
    own = (each for each in frames if each[0].f_code.co_filename == journeys_file)
    found = next(own, frames[0] if frames else None)
    return f"{Path(found[0].f_code.co_filename).name}:{found[1]}" if found else ""
