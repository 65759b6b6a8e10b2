"""Prints docs/findings/ from the detectors: `python docs/generate.py`. The detectors' docstrings are the source."""

from pathlib import Path

from nineam.cli.explain import explanation
from nineam.diagnose.detectors import DETECTORS

FINDINGS = Path(__file__).parent / "findings"


def pages() -> dict[str, str]:
    """Return every page's text by file name; pure."""
    found = {f"{detector.CODE}.md": _page(detector.CODE, _source(detector.__name__)) for detector in DETECTORS}
    return found | {"README.md": _index()}


def _page(code: str, source: str) -> str:
    return f"{explanation(code)}\n\n---\nPrinted from [{Path(source).name}](../../{source}); change it there.\n"


def _source(module: str) -> str:
    return f"src/{module.replace('.', '/')}.py"


def _index() -> str:
    rows = "".join(f"| [{detector.CODE}]({detector.CODE}.md) | {detector.TITLE} |\n" for detector in DETECTORS)
    head = "# Findings\n\nWhat nineam recognises. `nineam explain CODE` prints the same pages in a terminal.\n\n"
    return f"{head}| code | what it says |\n|---|---|\n{rows}"


def main() -> None:
    """Write the pages, and take away those whose detector is gone."""
    FINDINGS.mkdir(exist_ok=True)
    current = pages()
    for path in FINDINGS.glob("*.md"):
        if path.name not in current:
            path.unlink()
    for name, text in current.items():
        (FINDINGS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
