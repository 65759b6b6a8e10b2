"""Prints docs/findings/ from the detectors and docs/trials.md from the trials: `python docs/generate.py`."""

from pathlib import Path

from nineam.cli.explain import explanation
from nineam.diagnose.detectors import DETECTORS
from nineam.trials.catalogue import TRIALS
from nineam.trials.trial import Trial

FINDINGS = Path(__file__).parent / "findings"
TRIALS_PAGE = Path(__file__).parent / "trials.md"
TRIALS_HEAD = """# Trials

What [`nineam trial`](commands/trial.md) puts an application through. Printed from `src/nineam/trials/catalogue/`, one
file for each trial; change it there. Those marked *with --all* do not run unless they are named.

"""


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


def trials_page() -> str:
    """Return the page about the trials; pure."""
    rows = "".join(f"| [{each.name}](#{each.name}) | {each.title}{_unusual(each)} |\n" for each in TRIALS)
    return f"{TRIALS_HEAD}| trial | |\n|---|---|\n{rows}\n" + "\n".join(_trial(each) for each in TRIALS)


def _unusual(trial: Trial) -> str:
    return "" if trial.usual else " *(with --all)*"


def _trial(trial: Trial) -> str:
    told = (
        ("Why", trial.why),
        ("Injected", trial.inject),
        ("Measured", trial.measure),
        ("Gate", trial.gate),
        ("Evidence", trial.evidence),
    )
    causes = "".join(f"- {cause}\n" for cause in trial.causes)
    rows = "".join(f"*{word}.* {text}\n\n" for word, text in told)
    return f"## {trial.name}\n\n{trial.what}\n\n{rows}Usual causes in Python:\n\n{causes}"


def main() -> None:
    """Write the pages, and take away those whose detector is gone."""
    FINDINGS.mkdir(exist_ok=True)
    current = pages()
    for path in FINDINGS.glob("*.md"):
        if path.name not in current:
            path.unlink()
    for name, text in current.items():
        (FINDINGS / name).write_text(text, encoding="utf-8")
    TRIALS_PAGE.write_text(trials_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
