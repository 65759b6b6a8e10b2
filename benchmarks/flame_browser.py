"""`python -m benchmarks.flame_browser`: how long a flamegraph of 5,000 boxes takes for each action, in Chromium."""

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.chromium import Tab, chromium, tab
from benchmarks.flames import large
from nineam.report.html import render_html

BOXES = 5000
LIMIT_MS = 100.0
_REPEATS = 9
_POINT = (
    "const c = document.querySelector('#flame-canvas'), r = c.getBoundingClientRect();"
    "const at = (kind, x, row) => c.dispatchEvent(new MouseEvent(kind,"
    " {bubbles: true, clientX: r.x + r.width * x, clientY: r.y + row * 20 + 10}));"
)
_SEARCH = "const s = document.querySelector('#flame-search'); s.value = WHAT; s.dispatchEvent(new Event('input'));"
_VIEW = "document.querySelector('[data-view=WHAT]').click();"
ACTIONS = {
    "zoom in": _POINT + "at('click', 0.3, 2);",
    "zoom out": _POINT + "at('click', 0.3, 0);",
    "point": _POINT + "at('mousemove', 0.6, 4);",
    "search": _SEARCH.replace("WHAT", "'work_7'"),
    "search nothing": _SEARCH.replace("WHAT", "''"),
    "another measurement": _VIEW.replace("WHAT", "localhost"),
    "difference": _VIEW.replace("WHAT", "difference"),
    "Monday": _VIEW.replace("WHAT", "monday"),
    "reset": "document.querySelector('#flame-reset').click();",
}


def took(page: Tab, action: str) -> float:
    """Return the milliseconds from an action until the page has drawn it and could draw again."""
    # the first frame after the action is painted by the time that the second one begins
    frames = "await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
    return float(
        page.run(
            f"(async () => {{ {frames}; const begin = performance.now(); {action}"
            f"document.querySelector('#flame-canvas').getContext('2d').getImageData(0, 0, 1, 1); {frames};"
            "return performance.now() - begin })()"
        )
    )


def main() -> int:
    """Print a line per action; the exit code says whether all were quick."""
    if chromium() is None:
        print("there is no Chromium")
        return 2
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder, tab() as page:
        path = Path(folder) / "report.html"
        path.write_text(render_html(large(BOXES)), encoding="utf-8")
        page.size(1280, 900)
        page.open(path)
        for name, action in ACTIONS.items():
            times = [took(page, action) for _ in range(_REPEATS)]
            slowest = max(slowest, *times)
            print(f"{name:<20} median {statistics.median(times):5.1f} ms   most {max(times):5.1f} ms")
    print(f"{BOXES} boxes, painting included: at most {slowest:.1f} ms, limit {LIMIT_MS:.0f} ms")
    return 0 if slowest < LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
