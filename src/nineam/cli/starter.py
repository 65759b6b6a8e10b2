"""The files that `nineam init` writes, as pure functions of what was found: `nineam.toml` and `monday.py`."""

import json
import keyword
import re
from collections.abc import Iterable, Mapping

from nineam.app.facts import AppFacts, Route
from nineam.model import Record
from nineam.traffic.discover import NOBODYS, PARAMETER

READING = "GET"
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
WITH_BODY = ("POST", "PUT", "PATCH")
SAMPLES = {"uuid": "00000000-0000-0000-0000-000000000001", "float": "1.0"}
"""What stands in for a parameter of a kind; everything else is 1, which fits numbers and most texts."""
TAKEN = ("journey", "check", "user", "answer")
"""Names that `monday.py` uses itself."""


class Endpoint(Record, frozen=True, kw_only=True):
    """One method of one route: `function` names its journey, `path` may be asked for as it stands."""

    method: str
    template: str
    path: str
    function: str


def endpoints(facts: AppFacts) -> tuple[Endpoint, ...]:
    """List what a user may ask of an application: neither its documentation nor its health check."""
    found: list[Endpoint] = []
    for route in facts.routes:
        if route.path == facts.health_path or route.path.startswith(NOBODYS):
            continue
        for method in route.methods:
            if method in (READING, *CHANGING):
                function = _free(_function(method, route), {endpoint.function for endpoint in found})
                path = PARAMETER.sub(lambda match: _sample(route.parameters, match[1]), route.path)  # noqa: B023 - now
                found.append(Endpoint(method=method, template=route.path, path=path, function=function))
    return tuple(found)


def home() -> Endpoint:
    """Return what to ask of an application whose routes nobody knows."""
    return Endpoint(method=READING, template="/", path="/", function="home")


def _sample(parameters: Mapping[str, str], name: str) -> str:
    return SAMPLES.get(parameters.get(name.partition(":")[0], ""), "1")


def _function(method: str, route: Route) -> str:
    """Name a journey after the route's function, else after what it asks for."""
    name = route.name if route.name.isidentifier() else ""
    words = re.findall(r"[A-Za-z0-9]+", route.path)
    return name or "_".join([method.lower(), *words]).lower()


def _free(name: str, used: Iterable[str]) -> str:
    used = {*used, *TAKEN}
    number = 2
    chosen = f"{name}_" if keyword.iskeyword(name) else name
    while chosen in used:
        chosen, number = f"{name}_{number}", number + 1
    return chosen


def settings_text(
    *, target: str = "", command: Iterable[str] = (), health: str = "", python: str = "", think: bool = True
) -> str:
    """Return `nineam.toml`; values that are empty stay out or stay comments."""
    command = list(command)
    lines = ["# What `nineam run` needs to know about this project. The command line goes before it.", ""]
    lines += [f"target = {_quoted(target)}"] if target else []
    lines += [f"command = [{', '.join(map(_quoted, command))}]"] if command else []
    lines += [f"python = {_quoted(python)}"] if python else []
    lines += ['journeys = "monday.py"']
    lines += ["think = 1.0  # seconds between a user's clicks"] if think else []
    lines += [f"health = {_quoted(health)}" if health else '# health = "/health"']
    lines += [
        'slo = "p(95)<500"  # milliseconds; the objective of every stair',
        '# thresholds = ["http_req_failed rate<0.01"]  # gates: exit code 99 when one fails',
        "# users = 80  # how far Monday climbs; left out: until the objective breaks",
        "# workers = 2",
        '# env = { DATABASE_URL = "sqlite:///copy.db" }',
        '# grown = true  # once more on grown clones of its database; how large: rows = "1M", times = 200',
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Spell a TOML string; JSON's escapes are TOML's too, except for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def journeys_text(found: Iterable[Endpoint]) -> str:
    """Return `monday.py`: a journey for each endpoint that only reads, a commented one for each that changes."""
    blocks = [HEADER]
    for endpoint in found:
        block = _journey(endpoint)
        blocks.append(block if endpoint.method == READING else _commented(block))
    return "\n\n".join(blocks)


HEADER = '''"""What people do at nine on Monday. `nineam run` plays these journeys."""

from nineam import check, journey
'''


def _journey(endpoint: Endpoint) -> str:
    title = f"{endpoint.method} {endpoint.template}"
    arguments = [_literal(endpoint.path)]
    if endpoint.method in WITH_BODY:
        arguments.append("json={}")
    if endpoint.path != endpoint.template:
        arguments.append(f"name={_literal(endpoint.template)}")
    return (
        "@journey(weight=1)\n"
        f"async def {endpoint.function}(user):\n"
        f"    {_documentation(endpoint, title)}\n"
        f"    answer = await user.{endpoint.method.lower()}({', '.join(arguments)})\n"
        f"    check({_literal(f'{title} succeeds')}, answer.status < 400)\n"
    )


def _documentation(endpoint: Endpoint, title: str) -> str:
    if endpoint.path != endpoint.template:
        title += ": put something there that exists"
    if '"' in title or "\\" in title or not title.isprintable():
        return repr(title)
    return f'"""{title}."""'


def _literal(text: str) -> str:
    return json.dumps(text)


def _commented(block: str) -> str:
    return "".join(f"# {line}\n" if line else "#\n" for line in block.splitlines())
