"""Runs nineam as anybody would, and reads its document."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.capacity.applications import Application
from benchmarks.programs import ROOT
from nineam.app.ports import free_port

NINEAM = Path(sys.executable).parent / "nineam"
LIMIT_S = 600.0


def document_of(arguments: Sequence[str], command: Sequence[str] = ()) -> dict[str, Any]:
    """Return the run document of `nineam run`. Raises `RuntimeError` when there is none."""
    with tempfile.TemporaryDirectory(prefix="capacity-") as scratch:
        written = Path(scratch) / "run.json"
        line = [str(NINEAM), "run", "--quiet", "--json", str(written), "--out", scratch, *arguments]
        line += ["--cwd", str(ROOT), "--", *command] if command else []
        ran = subprocess.run(line, capture_output=True, text=True, timeout=LIMIT_S, check=False, cwd=scratch)
        if not written.is_file():
            raise RuntimeError(f"{' '.join(line)}\nsays nothing:\n{ran.stdout}{ran.stderr}")
        found: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
        return found


@contextmanager
def served(application: Application) -> Iterator[str]:
    """Serve an application by itself, without nineam, until the end of the block; its URL."""
    port = free_port()
    process = subprocess.Popen([part.format(port=port) for part in application.serve], cwd=ROOT)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
