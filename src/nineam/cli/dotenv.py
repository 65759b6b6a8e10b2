"""The application's `.env` file, which its settings may be read from.

python-dotenv, django-environ and pydantic-settings let what is in the environment already go before it.
"""

import re
from pathlib import Path

LINE = re.compile(r"""\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^#\n]*?))\s*(?:#.*)?""")
LARGEST = 100_000


def read_dotenv(folder: Path) -> dict[str, str]:
    """Return the variables of a folder's `.env`; none when there is no such file, or it cannot be read."""
    try:
        text = (folder / ".env").read_text(encoding="utf-8")[:LARGEST]
    except (OSError, UnicodeDecodeError):
        return {}
    found = (LINE.fullmatch(line) for line in text.splitlines())
    return {match[1]: match[2] or match[3] or match[4] or "" for match in found if match}
