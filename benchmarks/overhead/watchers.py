"""Who watches: each as its documentation says, at its defaults, and nothing leaves the process but nineam's records."""

from importlib.resources import files
from typing import NamedTuple

INJECT = str(files("nineam.agent").joinpath("inject"))
NOTHING, NINEAM, NO_SAMPLES, OTHER = "nothing", "nineam", "nineam, no samples", "nineam, other"
OPENTELEMETRY, SENTRY, PROFILING = "OpenTelemetry", "Sentry", "Sentry, profiling"
PYINSTRUMENT, PY_SPY = "pyinstrument", "py-spy"
OTEL = {f"OTEL_{kind}_EXPORTER": "none" for kind in ("TRACES", "METRICS", "LOGS")}
# one span per statement is enough: below SQLAlchemy the driver would make another
OTEL_ORM = {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "sqlite3"}


class Watcher(NamedTuple):
    """One way of looking inside. `needs` is a module of the application's interpreter, `program` is beside it.

    `injected`: nineam's agent is in the environment. `before` goes before the interpreter. `outside`: `program` is
    attached to the running server.
    """

    name: str
    sees: str
    needs: str = ""
    program: str = ""
    environment: dict[str, str] = {}
    injected: bool = False
    before: bool = False
    outside: bool = False


WATCHERS = (
    Watcher(NOTHING, "nothing"),
    Watcher(
        NINEAM,
        "layers that add up, waits and the loop's queue, statements by text and line, stacks at 199 Hz",
        injected=True,
    ),
    Watcher(NO_SAMPLES, "the same without stacks", environment={"WATCHER": "nineam-no-samples"}, injected=True),
    Watcher(OTHER, "as nineam, of the agent in $NINEAM_BENCH_OTHER", injected=True),
    Watcher(
        OPENTELEMETRY,
        "a span per request and per statement by text; no lines, layers, waits",
        needs="opentelemetry.instrumentation.auto_instrumentation",
        program="opentelemetry-instrument",
        environment={"WATCHER": "opentelemetry", **OTEL},
        before=True,
    ),
    Watcher(
        SENTRY,
        "a span per request, middleware and statement by text; lines of slow statements; no waits",
        needs="sentry_sdk",
        environment={"WATCHER": "sentry"},
    ),
    Watcher(
        PROFILING,
        "the same, and stacks at 101 Hz",
        needs="sentry_sdk",
        environment={"WATCHER": "sentry-profiling"},
    ),
    Watcher(
        PYINSTRUMENT,
        "stacks of each request at 1,000 Hz; no statements, layers, waits by cause",
        needs="pyinstrument",
        environment={"WATCHER": "pyinstrument"},
    ),
    Watcher(PY_SPY, "stacks of the process at 100 Hz; no requests", program="py-spy", outside=True),
)


def variables(watcher: Watcher, agent_socket: str, roots: str, other: str) -> dict[str, str]:
    """Give what a watcher adds to the application's environment; `other` is the inject directory of another agent."""
    if not watcher.injected:
        return dict(watcher.environment)
    return {
        **watcher.environment,
        "PYTHONPATH": other if watcher.name == OTHER else INJECT,
        "NINEAM_SOCKET": agent_socket,
        "NINEAM_TOKEN": "bench",
        "NINEAM_ROOT": roots,
        "PYTHONUNBUFFERED": "1",
    }
