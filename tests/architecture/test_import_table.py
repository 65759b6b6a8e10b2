"""Who may import whom inside nineam."""

import sys
from importlib import import_module

import pytest
from sources import Import, files, imports, module_name

EVERYONE = "nineam"
BASE = (
    "nineam.model",
    "nineam.errors",
    "nineam.histogram",
    "nineam.merging",
    "nineam.visible",
    "nineam.endpoints",
    "nineam.gathering",
    "nineam.points",
)

# What each part may import besides itself, by dotted prefix. Anything that is not here is forbidden.
ALLOWED: dict[str, tuple[str, ...]] = {
    # only names for type checkers
    "nineam": (
        "nineam.feeds",
        "nineam.load.response",
        "nineam.load.sse",
        "nineam.load.streaming",
        "nineam.load.users",
        "nineam.load.websocket",
        "nineam.script",
    ),
    # what the stages share: each other and nobody else
    "nineam.model": BASE,
    "nineam.errors": BASE,
    "nineam.histogram": BASE,
    "nineam.merging": BASE,
    "nineam.gathering": BASE,
    "nineam.points": BASE,
    "nineam.visible": BASE,
    "nineam.endpoints": BASE,
    "nineam.script": BASE,
    "nineam.feeds": BASE,
    # inside the application: itself only
    "nineam.agent": (),
    # the stages
    "nineam.config": BASE,
    "nineam.store": BASE,
    "nineam.app": BASE,
    "nineam.traffic": BASE,
    "nineam.report": BASE,
    "nineam.export": BASE,
    "nineam.grow": BASE,
    "nineam.indexes": BASE,
    "nineam.faults": BASE,
    "nineam.payloads": BASE,
    "nineam.load": (*BASE, "nineam.script", "nineam.feeds"),
    "nineam.collect": (*BASE, "nineam.agent.wire", "nineam.agent.integrations.statements", "nineam.store.writer"),
    "nineam.diagnose": (*BASE, "nineam.store.records"),
    "nineam.live": (*BASE, "nineam.monday.events"),
    # of the stages only how to start an application, to break its dependencies and to send a request, ordinary or not
    "nineam.trials": (*BASE, "nineam.app.process", "nineam.faults", "nineam.load", "nineam.payloads"),
    "nineam.demo": (*BASE, "nineam.app.guard", "nineam.script"),
    # the two that put the stages together
    "nineam.monday": (EVERYONE,),
    "nineam.cli": (EVERYONE,),
}

# a user's own file shipped with the demo: it imports what every monday.py imports
PUBLIC = {"nineam.demo.monday": "nineam"}


def part_of(module: str) -> str:
    """The part of nineam a module belongs to: a package or a module directly below it."""
    return ".".join(module.split(".")[:2])


def within(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(prefix + ".")


def forbidden(found: Import, importer: str) -> bool:
    own = part_of(importer)
    if not within(found.module, "nineam") or (own != "nineam" and within(found.module, own)):
        return False
    if PUBLIC.get(importer) == found.module:
        return False
    return not any(within(found.module, allowed) for allowed in ALLOWED.get(own, ()))


def test_every_part_has_a_row_in_the_import_table():
    parts = {part_of(module_name(file)) for file in files()}
    assert parts <= ALLOWED.keys(), f"no row for {sorted(parts - ALLOWED.keys())}"


def test_no_part_imports_a_sibling_that_the_table_does_not_allow():
    broken = []
    for file in files():
        importer = module_name(file)
        own = part_of(importer)
        for found in dict.fromkeys(imports(file)):
            if forbidden(found, importer):
                allowed = ", ".join(ALLOWED.get(own, ())) or "nothing but itself and the standard library"
                broken.append(f"{found.place}: imports {found.module}; {own} may import {allowed}")
    assert not broken, "\n" + "\n".join(broken)


def test_a_forbidden_import_is_told_from_an_allowed_one():
    place = files("diagnose")[0]
    assert forbidden(Import(place, 1, "nineam.load.metrics"), "nineam.diagnose.picture")
    assert not forbidden(Import(place, 1, "nineam.store.records"), "nineam.diagnose.picture")
    assert forbidden(Import(place, 1, "nineam.store.writer"), "nineam.diagnose.picture")
    assert forbidden(Import(place, 1, "nineam.model"), "nineam.agent.boot")
    assert not forbidden(Import(place, 1, "nineam.load.metrics"), "nineam.cli.run")


@pytest.mark.parametrize("file", files("agent"), ids=module_name)
def test_the_agent_imports_only_the_standard_library_and_itself(file):
    stdlib = sys.stdlib_module_names | {"nineam_agent"}
    strangers = [
        f"{found.place}: imports {found.module}; the agent is standard library only"
        for found in imports(file)
        if not within(found.module, "nineam.agent") and found.module.partition(".")[0] not in stdlib
    ]
    assert not strangers, "\n" + "\n".join(strangers)


def installers() -> dict[str, str]:
    """Which integration file hooks which library, from the registry itself."""
    from nineam.agent.integrations import INSTALLERS

    return {library: f"nineam.agent.integrations.{file}" for library, (file, _) in INSTALLERS.items()}


def test_every_function_in_the_registry_exists():
    from nineam.agent.integrations import INSTALLERS

    for file, function in INSTALLERS.values():
        assert callable(getattr(import_module(f"nineam.agent.integrations.{file}"), function))


def test_no_integration_imports_the_library_that_it_hooks():
    broken = []
    for file in files("agent/integrations"):
        hooked = {library.partition(".")[0] for library, home in installers().items() if home == module_name(file)}
        broken += [
            f"{found.place}: imports {found.module}, which it hooks: the application alone decides to import it"
            for found in imports(file)
            if found.module.partition(".")[0] in hooked
        ]
    assert not broken, "\n" + "\n".join(broken)


def test_every_integration_file_is_in_the_registry():
    helpers = {"nineam.agent.integrations", "nineam.agent.integrations.driver", "nineam.agent.integrations.layers"}
    helpers |= {
        "nineam.agent.integrations.statements",
        "nineam.agent.integrations.pools",
        "nineam.agent.integrations.fetches",
    }
    helpers |= {"nineam.agent.integrations.outgoing", "nineam.agent.integrations.builtin"}
    django = ("middleware", "relations", "routes", "sites", "views")
    helpers |= {f"nineam.agent.integrations.django_{name}" for name in django}
    there = {module_name(file) for file in files("agent/integrations")} - helpers
    assert there == set(installers().values())
