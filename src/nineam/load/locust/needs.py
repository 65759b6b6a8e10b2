"""What a locustfile uses that works differently here, or not at all: found by reading it, named with its line."""

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from nineam.load.locust.hooks import SILENT

BLOCKING = frozenset(
    [
        "requests",
        "httpx",
        "urllib",
        "urllib3",
        "http",
        "aiohttp",
        "websocket",
        "websockets",
        "grpc",
        "pymongo",
        "psycopg",
        "psycopg2",
        "pymysql",
        "mysql",
        "redis",
        "boto3",
        "botocore",
        "paho",
        "kafka",
        "confluent_kafka",
        "pika",
        "socketio",
        "sqlalchemy",
        "sqlite3",
        "smtplib",
        "ftplib",
        "xmlrpc",
        "socket",
        "subprocess",
        "selenium",
        "playwright",
        "openai",
        "elasticsearch",
        "zmq",
    ]
)
HARMLESS = frozenset(
    {
        "http",
        "http.cookies",
        "requests.auth",
        "requests.exceptions",
        "urllib",
        "urllib.error",
        "urllib.parse",
        "urllib3.exceptions",
    }
)
RUNNER = {
    "send_message": "no messages are sent between processes",
    "register_message": "no messages are sent between processes",
    "quit": "ends nothing here: use -t, or a threshold that aborts",
    "stop": "ends nothing here: use -t, or a threshold that aborts",
    "start": "the load is described by nineam's own options",
    "spawn_users": "the load is described by nineam's own options",
}


class Need(NamedTuple):
    """Something to say, and the line it is about."""

    line: int
    text: str


def needs_of(source: str) -> tuple[str, ...]:
    """Give the needs of a file, each once, in the order of its lines."""
    tree = ast.parse(source)
    found = sorted(need for node in ast.walk(tree) for look in LOOKS for need in look(node))
    first: dict[str, int] = {}
    for need in found:
        first.setdefault(need.text, need.line)
    return tuple(f"line {line}: {text}" for text, line in first.items())


def uses(source: str, attribute: str) -> bool:
    """Say whether a file asks anything for an attribute of this name."""
    return any(isinstance(node, ast.Attribute) and node.attr == attribute for node in ast.walk(ast.parse(source)))


def _imports(node: ast.AST) -> Iterator[Need]:
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return
    for name in [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]:
        if name.partition(".")[0] in BLOCKING and name not in HARMLESS:
            yield Need(node.lineno, f"{name}: its calls hold up all users while they last")


def _events(node: ast.AST) -> Iterator[Need]:
    if isinstance(node, ast.Attribute) and node.attr in SILENT and _last(node.value) == "events":
        yield Need(node.lineno, f"events.{node.attr} never happens here")


def _runner(node: ast.AST) -> Iterator[Need]:
    if isinstance(node, ast.Attribute) and node.attr in RUNNER and _last(node.value) == "runner":
        yield Need(node.lineno, f"environment.runner.{node.attr}: {RUNNER[node.attr]}")


def _web(node: ast.AST) -> Iterator[Need]:
    if isinstance(node, ast.Attribute) and _last(node.value) == "web_ui":
        yield Need(node.lineno, "environment.web_ui: there is none")


def _exit_code(node: ast.AST) -> Iterator[Need]:
    if isinstance(node, ast.Assign) and any(_last(target) == "process_exit_code" for target in node.targets):
        yield Need(node.lineno, "environment.process_exit_code: use --threshold, which sets nineam's exit code")


def _stopping(node: ast.AST) -> Iterator[Need]:
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if _last(raised) == "StopUser":
            yield Need(node.lineno, "StopUser: a new user takes the place of the one that leaves")


def _travel(node: ast.AST) -> Iterator[Need]:
    if isinstance(node, ast.Call) and _last(node.func) in ("get", "post", "put", "patch", "delete", "request"):
        for keyword in node.keywords:
            if keyword.arg in ("proxies", "cert"):
                yield Need(node.lineno, f"{keyword.arg}= of a request: give nineam's own option")


def _last(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


LOOKS: tuple[Callable[[ast.AST], Iterator[Need]], ...] = (
    _imports,
    _events,
    _runner,
    _web,
    _exit_code,
    _stopping,
    _travel,
)
