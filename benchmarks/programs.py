"""The programs that are compared: where they are, and which version."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(__file__).parent / "scripts"
ASK_VERSION = {"k6": "version", "wrk": "-v", "locust": "--version", "h2load": "--version", "oha": "--version"}


def find(program: str) -> str:
    """Find a program: in `$NINEAM_BENCH_BIN`, beside this interpreter, then on PATH; empty when it is nowhere."""
    folders = [os.environ.get("NINEAM_BENCH_BIN", ""), str(Path(sys.executable).parent)]
    for folder in filter(None, folders):
        found = shutil.which(program, path=folder)
        if found:
            return found
    return shutil.which(program) or ""


def version(program: str) -> str:
    """Ask a program for its version; empty when it does not say."""
    asked = ASK_VERSION.get(Path(program).name)
    if not asked:
        return ""
    answer = subprocess.run([program, asked], capture_output=True, text=True, timeout=60, check=False)
    found = re.search(r"\d+\.\d+(\.\d+)?", answer.stdout + answer.stderr)
    return found.group() if found else ""
