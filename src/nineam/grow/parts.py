"""An address that an environment holds in parts: `POSTGRES_DB`, `POSTGRES_HOST`, ..., as settings classes read them."""

import re
from collections.abc import Mapping
from urllib.parse import quote

NAMED = re.compile(
    r"(?P<group>(?:\w+_)?(?:POSTGRES(?:QL)?|PG|MYSQL|MARIADB|DATABASE|DB))_?(?:DBNAME|DATABASE|NAME|DB)", re.IGNORECASE
)
"""A variable that holds a database's name, as others of its group hold the rest of the address."""
KINDS = (("postgresql", ("postgres", "pg", "psycopg", "5432")), ("mysql", ("mysql", "maria", "3306")))
HOST, USER, PASSWORD = ("HOST", "SERVER", "HOSTNAME"), ("USER", "USERNAME"), ("PASSWORD", "PASS", "PWD")
TOLD_BY = ("ENGINE", "DRIVER", "TYPE", "DIALECT", "SCHEME", "PORT")


def addresses_in_parts(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses that are there in parts, by the variable that holds the database's name.

    A name needs a host or a user beside it, and something that says what kind of database it is.
    """
    known = {name.upper(): value for name, value in environment.items()}
    found = {}
    for name, value in environment.items():
        named = NAMED.fullmatch(name)
        address = _address(known, named["group"].upper(), value) if named and value else ""
        if address:
            found[name] = address
    return found


def _address(known: Mapping[str, str], group: str, database: str) -> str:
    host, user, password = (_part(known, group, names) for names in (HOST, USER, PASSWORD))
    scheme = _scheme(group, [_part(known, group, (each,)) for each in TOLD_BY])
    if not scheme or not (host or user):
        return ""
    secret = f":{quote(password, safe='')}" if password else ""
    account = f"{quote(user, safe='')}{secret}@" if user else ""
    port = _part(known, group, ("PORT",))
    return f"{scheme}://{account}{host or '127.0.0.1'}{f':{port}' if port else ''}/{quote(database, safe='')}"


def _part(known: Mapping[str, str], group: str, names: tuple[str, ...]) -> str:
    written = (known.get(f"{group}{joint}{name}", "") for name in names for joint in ("_", ""))
    return next(filter(None, written), "")


def _scheme(group: str, told: list[str]) -> str:
    """Say which kind of database it is: by the names of the variables, else by an engine, a driver or a port."""
    for word in re.split(r"[\W_]+", " ".join((group, *told)).lower()):
        for scheme, begins in KINDS:
            if word.startswith(begins):
                return scheme
    return ""
