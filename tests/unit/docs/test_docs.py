"""The documentation says what the code does: pages, options, layers, settings, links."""

import importlib
import re
import runpy
import sys
from pathlib import Path

import click
import pytest

from nineam.agent.integrations import INSTALLERS
from nineam.agent.wire import FIXED_LAYERS
from nineam.cli.explain import explanation
from nineam.cli.main import COMMANDS
from nineam.config.settings import load_settings
from nineam.diagnose.detectors import DETECTORS
from nineam.diagnose.layers import NOUNS
from nineam.errors import ExitCode
from nineam.model import Endpoint, Finding, RunDocument

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = sorted((*ROOT.glob("*.md"), *DOCS.glob("**/*.md")))
OWN_COMMANDS = ("init", "doctor")
MODULES = {name: module for name, module, _ in COMMANDS} | {name: f"nineam.cli.{name}" for name in OWN_COMMANDS}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LAYER = re.compile(r"""\blayer\(\s*["']([a-z_]+)["']\s*\)""")


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def examples(language: str) -> list[tuple[str, str]]:
    return [
        (f"{shown(page)}#{number}", text)
        for page in PAGES
        for number, (kind, text) in enumerate(FENCE.findall(page.read_text()), 1)
        if kind == language
    ]


def options_of(module: str) -> list[str]:
    command = importlib.import_module(module).command
    return [
        name
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for name in parameter.opts
    ]


def test_the_pages_of_findings_are_what_the_detectors_say():
    pages = runpy.run_path(str(DOCS / "generate.py"))["pages"]()
    written = {path.name: path.read_text() for path in (DOCS / "findings").glob("*.md")}
    assert written == pages, "run: python docs/generate.py"


def test_the_page_of_trials_is_what_the_trials_say():
    page = runpy.run_path(str(DOCS / "generate.py"))["trials_page"]()
    assert (DOCS / "trials.md").read_text() == page, "run: python docs/generate.py"


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.CODE)
def test_every_finding_s_page_is_what_explain_prints(detector):
    assert (DOCS / "findings" / f"{detector.CODE}.md").read_text().startswith(explanation(detector.CODE))


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_command_has_a_page_that_names_all_its_options(name):
    page = (DOCS / "commands" / f"{name}.md").read_text()
    missing = [option for option in options_of(MODULES[name]) if f"`{option}" not in page]
    assert not missing, f"docs/commands/{name}.md does not tell of {missing}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_page_tells_of_an_option_that_does_not_exist(name):
    page = (DOCS / "commands" / f"{name}.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `-")]
    told = {option for row in rows for option in re.findall(r"`(--?[a-zA-Z][a-zA-Z0-9-]*)", row)}
    assert told <= set(options_of(MODULES[name]))


def test_every_page_of_a_command_is_about_a_command_that_exists():
    assert {path.stem for path in (DOCS / "commands").glob("*.md")} == set(MODULES)


def test_every_layer_of_the_agent_is_explained():
    sources = "\n".join(path.read_text() for path in (ROOT / "src/nineam/agent").rglob("*.py"))
    layers = {*LAYER.findall(sources), *FIXED_LAYERS, "middleware:<Name>"}
    assert len(layers) > len(FIXED_LAYERS) + 1
    page = (DOCS / "layers.md").read_text()
    assert not [layer for layer in sorted(layers) if f"| `{layer}` |" not in page]


def test_no_layer_is_explained_that_does_not_exist():
    sources = "\n".join(path.read_text() for path in (ROOT / "src/nineam/agent").rglob("*.py"))
    told = re.findall(r"^\| `([a-z_]+)` \|", (DOCS / "layers.md").read_text(), re.MULTILINE)
    assert set(told) <= {*LAYER.findall(sources), *FIXED_LAYERS}


def test_every_layer_with_words_of_its_own_is_explained():
    page = (DOCS / "layers.md").read_text()
    assert not [layer for layer in NOUNS if f"`{layer}`" not in page]


def test_every_hooked_module_is_named():
    page = (DOCS / "agent.md").read_text()
    assert not [module for module in INSTALLERS if f"`{module}`" not in page]


@pytest.mark.parametrize("record", [RunDocument, Endpoint, Finding])
def test_every_key_of_the_run_document_is_told(record):
    page = (DOCS / "json.md").read_text()
    assert not [name for name in record.__struct_fields__ if not re.search(rf"\b{name}\b", page)]


def test_every_exit_code_is_told():
    page = (DOCS / "json.md").read_text()
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)] == sorted(map(int, ExitCode))


@pytest.mark.parametrize(("where", "text"), examples("toml"), ids=lambda value: value.split("\n")[0][:40])
def test_settings_in_examples_are_read_by_the_real_reader(tmp_path, where, text):
    (tmp_path / "nineam.toml").write_text(text)
    load_settings(tmp_path)


@pytest.mark.parametrize(("where", "text"), examples("python"), ids=lambda value: value.split("\n")[0][:40])
def test_python_in_examples_is_python(where, text):
    compile("if True:\n" + "".join(f"    {line}\n" for line in text.splitlines()), where, "exec")


def test_the_tutorial_s_line_is_the_line_it_says():
    page = (DOCS / "tutorial.md").read_text()
    program = next(text for _, text in examples("python") if "FastAPI" in text)
    said = {int(number) for number in re.findall(r"main\.py:(\d+) \(list_books\)", page)}
    assert len(said) == 1
    assert "book.author.name" in program.splitlines()[said.pop() - 1]


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_somewhere(page):
    broken = []
    for link in LINK.findall(page.read_text()):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_map_is_one_page():
    assert 80 <= len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 120


def test_the_map_names_every_package():
    page = (ROOT / "ARCHITECTURE.md").read_text()
    packages = [path.parent.name for path in (ROOT / "src/nineam").glob("*/__init__.py")]
    assert not [package for package in packages if f"`{package}`" not in page]


def test_every_dependency_is_decided():
    tomllib = importlib.import_module("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    declared = (*project["dependencies"], *extras["demo"], *extras["metrics"], *extras["postgres"])
    names = [re.split(r"[><=\[;]", line)[0] for line in declared]
    page = (DOCS / "decisions" / "0006-dependencies.md").read_text()
    assert not [name for name in names if name not in page]


def test_generating_the_pages_needs_nothing_but_nineam():
    imported = re.findall(r"^(?:from|import) (\w+)", (DOCS / "generate.py").read_text(), re.MULTILINE)
    assert set(imported) <= {"nineam", *sys.stdlib_module_names}
