"""Which variable of an environment leads an application to its database, and what it has to be for a clone."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from nineam.errors import UsageError, nearest
from nineam.grow.address import MYSQL, POSTGRES, SCHEME
from nineam.grow.parts import NAMED, addresses_in_parts
from nineam.model.record import Record

USUAL = "DATABASE_URL"
SQLITE = ("sqlite", "sqlite3")
HEADER = b"SQLite format 3\x00"
LIKELY = re.compile(r"DB|DATABASE|SQLITE|STORAGE", re.IGNORECASE)
TESTS = re.compile(r"(^|_)TESTS?(_|$)", re.IGNORECASE)
"""Variables of test suites lead elsewhere on purpose."""
NEAR = {"localhost": "127.0.0.1", "::1": "127.0.0.1", "": "127.0.0.1"}
BARE = re.compile(r"[\w-]+")
OTHERWISE = (
    "let it read one, as in os.environ['DATABASE_URL'], or name the one it reads: "
    "--database-variable NAME --database URL"
)

Key = tuple[str, ...]
WHOLE = {"URL", "URI", "DSN", "FILE", "PATH"}
"""Words in the names of variables that hold an address, rather than a part of one."""
IsDatabase = Callable[[Path], bool]


class NoVariableError(UsageError):
    """No variable of an environment leads to a database."""


class Pointer(Record, frozen=True, kw_only=True):
    """The address of the original, and what the variables that hold it are now, by name; the first is the one named."""

    address: str
    variables: dict[str, str]

    @property
    def variable(self) -> str:
        """The variable to speak of."""
        return next(iter(self.variables))

    def towards(self, clone: str) -> dict[str, str]:
        """Return the variables for a clone: its name, or of an SQLite database its file."""
        return {name: rewritten(value or self.address, clone) for name, value in self.variables.items()}


def find_pointer(
    environment: Mapping[str, str], folder: Path, database: str, variable: str, is_database: IsDatabase | None = None
) -> Pointer:
    """Find what to rewrite. `folder` is the application's; `database` and `variable` are named by the user, or empty.

    Raises UsageError when nothing can be rewritten, or nobody can tell what.
    """
    look = is_database or has_header
    held = dict(_addresses(environment, folder, look))
    if variable:
        return _named(environment, held, database, variable)
    if database:
        wanted = key_of(database, folder, look, anyway=True)
        same = {name: environment[name] for name in _ordered(held) if held[name] == wanted}
        if not same:
            raise UsageError(
                "--grown: no variable of the application's environment holds the address that --database names",
                hint="name the one it reads with --database-variable NAME",
            )
        return Pointer(address=database, variables=same)
    return _guessed(environment, held)


def _named(environment: Mapping[str, str], held: Mapping[str, Key], database: str, variable: str) -> Pointer:
    value = environment.get(variable, "")
    database = database or _in_parts(environment).get(variable, "")
    if variable in held:
        return Pointer(address=database or value, variables={variable: value})
    if not database:
        close = nearest(variable, environment)
        got = "holds no address" if value else "is not set"
        raise UsageError(
            f"--database-variable {variable}: it {got}",
            hint=f"did you mean {close}? Or say where the database is: --database URL"
            if close and close != variable
            else "say where the database is: --database URL",
        )
    if value and value != name_of(database):
        raise UsageError(
            f"--database-variable {variable}: it is no address, and not the name of the database in --database",
            hint=OTHERWISE,
        )
    return Pointer(address=database, variables={variable: value or _unset(variable, database)})


def _unset(variable: str, database: str) -> str:
    """Return what a variable that is not set would hold: a database's name, unless it is called an address."""
    words = set(variable.upper().split("_"))
    return database if words & WHOLE or not name_of(database) else name_of(database)


def _guessed(environment: Mapping[str, str], held: Mapping[str, Key]) -> Pointer:
    names = _ordered(held)
    if not names:
        return _parted(environment)
    if names[0] != USUAL and len(set(held.values())) > 1:
        raise _several(names)
    same = {name: environment[name] for name in names if held[name] == held[names[0]]}
    return Pointer(address=environment[names[0]], variables=same)


def _parted(environment: Mapping[str, str]) -> Pointer:
    parted = _in_parts(environment)
    if len(parted) > 1:
        raise _several(list(parted))
    if not parted:
        raise NoVariableError(
            "--grown: the address of the application's database is in no variable of its environment, so nineam"
            " cannot point the application at a clone",
            hint=_hint(environment),
        )
    ((name, address),) = parted.items()
    return Pointer(address=address, variables={name: environment[name]})


def _hint(environment: Mapping[str, str]) -> str:
    """Name the variable that holds a database's name without the rest of its address, where there is one."""
    held = (name for name, value in environment.items() if NAMED.fullmatch(name) and BARE.fullmatch(value))
    name = min((each for each in held if not TESTS.search(each)), default="")
    if not name:
        return OTHERWISE
    url = f"postgresql://user:password@127.0.0.1/{environment[name]}"
    return f"{name} holds a name; say where that database is: --database-variable {name} --database {url}"


def _in_parts(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: at for name, at in addresses_in_parts(environment).items() if not TESTS.search(name)}


def _several(names: list[str]) -> UsageError:
    return UsageError(
        f"--grown: several variables name databases ({', '.join(names)})",
        hint="say which is the one to grow: --database-variable NAME",
    )


def _ordered(held: Mapping[str, Key]) -> list[str]:
    return sorted(held, key=lambda name: (name != USUAL, "DATABASE" not in name.upper(), name))


def _addresses(environment: Mapping[str, str], folder: Path, look: IsDatabase) -> Iterator[tuple[str, Key]]:
    for name, value in environment.items():
        if not TESTS.search(name) and (key := key_of(value, folder, look, anyway=False, name=name)):
            yield name, key


def key_of(value: str, folder: Path, look: IsDatabase, *, anyway: bool, name: str = "") -> Key | None:
    """Say which database an address leads to, whatever its spelling; None for what is no address.

    With `anyway` a bare text is a file's name.
    """
    found = SCHEME.match(value)
    if found is None:
        path = folder / value if value and len(value) < 1000 and "\n" not in value and "\0" not in value else None
        likely = anyway or bool(LIKELY.search(name)) or value.endswith((".db", ".sqlite", ".sqlite3"))
        return ("sqlite", str(path.resolve())) if path is not None and likely and (anyway or look(path)) else None
    family = found[1].lower()
    if family in SQLITE:
        return ("sqlite", str((folder / file_of(value)).resolve())) if file_of(value) else None
    if family not in (*POSTGRES, *MYSQL):
        return None
    try:
        parts = urlsplit(f"x{value[found.end() - 2 :]}")
        query = dict(parse_qsl(parts.query))
        host = (query.get("host") or parts.hostname or "").lower()
        port = str(query.get("port") or parts.port or ("5432" if family in POSTGRES else "3306"))
    except ValueError:
        return None
    return ("server", NEAR.get(host, host), port, name_of(value))


def name_of(address: str) -> str:
    """Return the database's name in an address of a server; empty for a file."""
    found = SCHEME.match(address)
    if found is None or found[1].lower() in SQLITE:
        return ""
    parts = urlsplit(f"x{address[found.end() - 2 :]}")
    return dict(parse_qsl(parts.query)).get("dbname") or unquote(parts.path.removeprefix("/"))


def file_of(address: str) -> str:
    """Return the file in an SQLite URL; empty for a database in memory."""
    text = unquote(address.partition(":")[2].partition("?")[0]).removeprefix("//").removeprefix("/")
    return "" if text == ":memory:" else text


def rewritten(value: str, clone: str) -> str:
    """Return an address, a file or a bare name with the clone in the database's place, and all else as it is."""
    found = SCHEME.match(value)
    if found is None:
        return clone
    scheme, _, rest = value.partition(":")
    path, mark, query = rest.partition("?")
    if found[1].lower() in SQLITE:
        return f"{scheme}:///{quote(clone)}{mark}{query}"
    if dict(parse_qsl(query)).get("dbname"):
        query = urlencode([(key, clone if key == "dbname" else text) for key, text in parse_qsl(query)])
        return f"{scheme}:{path}?{query}"
    host = path.removeprefix("//").partition("/")[0]
    return f"{scheme}://{host}/{quote(clone)}{mark}{query}"


def has_header(path: Path) -> bool:
    """Whether a file is an SQLite database."""
    try:
        with path.open("rb") as file:
            return path.is_file() and file.read(len(HEADER)) == HEADER
    except (OSError, ValueError):
        return False
