"""The application's `.env` file, which its settings may be read from.

python-dotenv, django-environ and pydantic-settings let what is in the environment already go before it.
"""

import re
from pathlib import Path

LINE = re.compile(r"""\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^#\n]*?))\s*(?:#.*)?""")
NAME, REPOSITORY = ".env", ".git"
LARGEST = 100_000


def _upwards(folder: Path, home: Path | None) -> list[Path]:
    """Return the folders in which an application of this folder may have its file, the nearest first."""
    found = [folder, *folder.parents]
    root = next((at for at, each in enumerate(found) if (each / REPOSITORY).exists()), None)
    if root is not None:
        return found[: root + 1]
    return found[: found.index(home)] or [folder] if home in found else [folder]


def read_dotenv(folder: Path, home: Path | None = None) -> dict[str, str]:
    """Return the variables of the nearest `.env`; none when there is no such file, or it cannot be read.

    It is looked for as python-dotenv does, from a folder upwards, but not beyond its repository, or outside of one
    not beyond the folders beneath `home`.
    """
    place = next((each for each in _upwards(folder.absolute(), home) if (each / NAME).is_file()), folder)
    try:
        text = (place / NAME).read_text(encoding="utf-8")[:LARGEST]
    except (OSError, UnicodeDecodeError):
        return {}
    found = (LINE.fullmatch(line) for line in text.splitlines())
    return {match[1]: match[2] or match[3] or match[4] or "" for match in found if match}
