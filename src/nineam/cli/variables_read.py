"""Which variables an application's code reads its database's address from, as far as its text shows."""

import re
from collections.abc import Iterator
from pathlib import Path

LIKELY = r"\w*(?:DATABASE|DB|SQLITE|POSTGRES|MYSQL)\w*"
READS = re.compile(rf"""(?:environ(?:\.get)?|getenv|env(?:\.\w+)?|config)\s*[\[(]\s*["']({LIKELY})["']""")
FIELD = re.compile(
    r"^\s+((?:\w+_)?(?:database|db|postgres|mysql|sqlite)_(?:url|uri|dsn|db|name|database|path|file))\s*:",
    re.IGNORECASE,
)
"""A field of settings that pydantic fills from the variable of the same name, behind the class's prefix."""
PREFIX = re.compile(r"""env_prefix["']?\s*[=:]\s*["'](\w+)["']""")
SKIPPED = {".venv", "venv", "node_modules", "site-packages", "tests", "test", ".git", "migrations"}
MOST_FILES = 400
LARGEST = 300_000


def variables_read(folder: Path) -> dict[str, str]:
    """Return the variables with the first place of each, `file:line`, the likeliest first."""
    found: dict[str, str] = {}
    for path in _sources(folder):
        lines = _lines(path)
        prefix = next((match[1] for line in lines if (match := PREFIX.search(line))), "")
        for number, line in enumerate(lines, 1):
            for name in (*READS.findall(line), *(f"{prefix}{field}".upper() for field in FIELD.findall(line))):
                found.setdefault(name, f"{path.relative_to(folder)}:{number}")
    return dict(sorted(found.items(), key=lambda item: ("URL" not in item[0], "DATABASE" not in item[0], item[0])))


def _sources(folder: Path) -> Iterator[Path]:
    seen = 0
    for pattern in ("*.py", "*/*.py", "*/*/*.py", "*/*/*/*.py"):
        for path in sorted(folder.glob(pattern)):
            if not SKIPPED & set(path.relative_to(folder).parts):
                seen += 1
                if seen > MOST_FILES:
                    return
                yield path


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8")[:LARGEST].splitlines()
    except (OSError, UnicodeDecodeError):
        return []
