"""The server's command line, from the facts about the application and the user's options. Pure.

What people run in production comes first: uvicorn for ASGI, and for WSGI gunicorn with one worker of four
threads, which is the smallest configuration that survives a slow client. A `gunicorn.conf.py` of the
project keeps its say about workers and threads. Access logs are off: they measure the terminal.
"""

import shlex
from collections.abc import Callable, Mapping
from typing import NamedTuple

from nineam.app.facts import AppFacts
from nineam.errors import UsageError, nearest
from nineam.model import Record

DEFAULT_THREADS = 4
CONTROL_SOCKET_SINCE = (25, 1)
"""From this gunicorn on every start would claim one socket in the user's home."""
ASGI_WORKER_SINCE = (24, 0)


class ServerOptions(Record, frozen=True):
    """What the user chose. `server` is a name or auto; None leaves workers and threads to the usual."""

    server: str = "auto"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int | None = None
    threads: int | None = None


class ServerCommand(Record, frozen=True):
    """How to start the server: run `arguments` in `cwd`, with `search_path` on PYTHONPATH when it is not empty."""

    arguments: tuple[str, ...]
    cwd: str
    server: str
    server_version: str
    url: str
    search_path: str = ""

    @property
    def text(self) -> str:
        """The command as one would type it."""
        return shlex.join(self.arguments)


class Server(NamedTuple):
    """One server: the distribution it comes in, what it serves, whether it takes several workers."""

    name: str
    distribution: str
    kinds: tuple[str, ...]
    many_workers: bool
    build: Callable[[AppFacts, ServerOptions], list[str]]


def server_command(facts: AppFacts, options: ServerOptions) -> ServerCommand:
    """Build the command; raises UsageError when no server fits, naming what to install."""
    if any(number is not None and number < 1 for number in (options.workers, options.threads)):
        raise UsageError("workers and threads are whole numbers from 1")
    server = _first_installed(facts) if options.server == "auto" else _asked_for(facts, options.server)
    if (options.workers or 1) > 1 and not server.many_workers:
        raise UsageError(
            f"{server.name} runs one process; got {options.workers} workers", hint="choose another --server"
        )
    target = facts.target
    return ServerCommand(
        arguments=(facts.interpreter, *server.build(facts, options)),
        cwd=target.cwd,
        server=server.name,
        server_version=facts.servers.get(server.distribution, ""),
        url=f"http://{_reachable(options)}",
        search_path="" if target.search_path == target.cwd else target.search_path,
    )


def _fits(server: Server, facts: AppFacts) -> bool:
    """Whether a server can serve this application at all, installed or not."""
    if server.name == "django":
        return bool(facts.target.manage_file)
    if server.name == "flask":
        return facts.framework == "flask" and facts.kind == "wsgi"
    return bool(facts.module) and facts.kind in server.kinds


def _first_installed(facts: AppFacts) -> Server:
    fitting = [by_name for by_name in map(_by_name, PREFERRED[facts.kind]) if _fits(by_name, facts)]
    for server in fitting:
        if server.distribution in facts.servers:
            return server
    names = [server.distribution for server in fitting]
    raise UsageError(
        f"nothing in {facts.interpreter} serves {facts.kind.upper()} (looked for {', '.join(names)})",
        hint=f"{facts.interpreter} -m pip install {names[0]}",
    )


def _asked_for(facts: AppFacts, name: str) -> Server:
    names = [server.name for server in SERVERS]
    if name not in names:
        near = nearest(name, names)
        raise UsageError(
            f"--server {name}: unknown; expected auto or one of {', '.join(names)}",
            hint=f"did you mean {near}?" if near else "or start it yourself: nineam run -- COMMAND",
        )
    server = _by_name(name)
    if not _fits(server, facts):
        raise UsageError(
            f"--server {name} does not serve this application ({facts.framework}, {facts.kind.upper()})",
            hint="leave --server out to get one that does",
        )
    if server.distribution not in facts.servers:
        raise UsageError(
            f"--server {name}: it is not installed in {facts.interpreter}",
            hint=f"{facts.interpreter} -m pip install {server.distribution}",
        )
    return server


def _by_name(name: str) -> Server:
    return next(server for server in SERVERS if server.name == name)


def _address(options: ServerOptions) -> str:
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"{host}:{options.port}"


def _reachable(options: ServerOptions) -> str:
    """Where to ask for a server that may listen everywhere."""
    everywhere = options.host in ("0.0.0.0", "::", "")  # noqa: S104 - recognised, not chosen
    return f"127.0.0.1:{options.port}" if everywhere else _address(options)


def _called(facts: AppFacts) -> str:
    """Spell the target for servers that take a call: `module:create_app("test")`."""
    return f"{facts.module}:{facts.call}" if facts.factory else facts.spelled


def _factory_flag(facts: AppFacts, flag: str, server: str) -> list[str]:
    """Return the flag of servers that call a factory without arguments."""
    if not facts.factory:
        return []
    if facts.call != f"{facts.attribute}()":
        raise UsageError(
            f"{server} calls a factory without arguments; got {facts.call}",
            hint="make it callable without, or choose --server gunicorn",
        )
    return [flag]


def _uvicorn(facts: AppFacts, options: ServerOptions) -> list[str]:
    arguments = ["-m", "uvicorn", "--host", options.host, "--port", str(options.port), "--no-access-log"]
    if options.workers:
        arguments += ["--workers", str(options.workers)]
    return [*arguments, *_factory_flag(facts, "--factory", "uvicorn"), facts.spelled]


def _gunicorn(facts: AppFacts, options: ServerOptions) -> list[str]:
    arguments = ["-m", "gunicorn", "--bind", _address(options)]
    configured = "gunicorn.conf.py" in facts.server_config
    if options.workers or not configured:
        arguments += ["--workers", str(options.workers or 1)]
    if facts.kind == "asgi":
        arguments += ["--worker-class", _asgi_worker(facts.servers)]
    elif options.threads or not configured:
        arguments += ["--threads", str(options.threads or DEFAULT_THREADS)]
    if _version(facts.servers["gunicorn"]) >= CONTROL_SOCKET_SINCE:
        arguments.append("--no-control-socket")
    return [*arguments, _called(facts)]


def _asgi_worker(servers: Mapping[str, str]) -> str:
    """Choose gunicorn's worker class for ASGI: uvicorn's, in its package of today or of before, else gunicorn's own."""
    if "uvicorn-worker" in servers:
        return "uvicorn_worker.UvicornWorker"
    if "uvicorn" in servers:
        return "uvicorn.workers.UvicornWorker"
    if _version(servers["gunicorn"]) >= ASGI_WORKER_SINCE:
        return "asgi"
    raise UsageError(
        f"gunicorn {servers['gunicorn']} serves ASGI only with a worker of uvicorn's", hint="pip install uvicorn-worker"
    )


def _hypercorn(facts: AppFacts, options: ServerOptions) -> list[str]:
    arguments = ["-m", "hypercorn", "--bind", _address(options)]
    if options.workers:
        arguments += ["--workers", str(options.workers)]
    return [*arguments, ("wsgi:" if facts.kind == "wsgi" else "") + _called(facts)]


def _granian(facts: AppFacts, options: ServerOptions) -> list[str]:
    arguments = ["-m", "granian", "--interface", facts.kind, "--host", options.host, "--port", str(options.port)]
    arguments += ["--workers", str(options.workers or 1)]
    if facts.kind == "wsgi":
        arguments += ["--blocking-threads", str(options.threads or DEFAULT_THREADS)]
    return [*arguments, *_factory_flag(facts, "--factory", "granian"), facts.spelled]


def _waitress(facts: AppFacts, options: ServerOptions) -> list[str]:
    threads = str(options.threads or DEFAULT_THREADS)
    arguments = ["-m", "waitress", f"--host={options.host}", f"--port={options.port}", f"--threads={threads}"]
    return [*arguments, *_factory_flag(facts, "--call", "waitress"), facts.spelled]


def _flask(facts: AppFacts, options: ServerOptions) -> list[str]:
    place = ["--host", options.host, "--port", str(options.port)]
    return ["-m", "flask", "--app", _called(facts), "run", *place, "--no-debugger", "--no-reload"]


def _django(facts: AppFacts, options: ServerOptions) -> list[str]:
    return [facts.target.manage_file, "runserver", "--noreload", _address(options)]


SERVERS = (
    Server("uvicorn", "uvicorn", ("asgi",), True, _uvicorn),
    Server("gunicorn", "gunicorn", ("wsgi", "asgi"), True, _gunicorn),
    Server("hypercorn", "hypercorn", ("asgi", "wsgi"), True, _hypercorn),
    Server("granian", "granian", ("asgi", "wsgi"), True, _granian),
    Server("waitress", "waitress", ("wsgi",), False, _waitress),
    Server("flask", "flask", ("wsgi",), False, _flask),
    Server("django", "django", ("wsgi",), False, _django),
)
PREFERRED = {
    "asgi": ("uvicorn", "granian", "hypercorn", "django"),
    "wsgi": ("gunicorn", "granian", "waitress", "flask", "django"),
}


def _version(text: str) -> tuple[int, ...]:
    """Read the leading numbers of a version: `25.1.0rc1` is (25, 1)."""
    parts: list[int] = []
    for part in text.split(".")[:2]:
        if not part.isdigit():
            break
        parts.append(int(part))
    return tuple(parts)
