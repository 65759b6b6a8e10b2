"""`nineam init` and `nineam doctor` through the command line's own front door, in this process."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nineam.cli import main as front

OWN = (("init", "nineam.cli.init", ""), ("doctor", "nineam.cli.doctor", ""))
BOOKS = """
from fastapi import FastAPI

app = FastAPI()

@app.get("/health")
def health(): return {}

@app.get("/books")
def list_books(): return []

@app.get("/books/{book_id}")
def show_book(book_id: int): return {}

@app.post("/books")
def add_book(): return {}

@app.delete("/books/{book_id}")
def remove_book(book_id: int): return {}
"""


@dataclass(frozen=True)
class Outcome:
    """How a call ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture
def nineam(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    known = {name for name, _, _ in front.COMMANDS}
    extra = tuple(entry for entry in OWN if entry[0] not in known)
    monkeypatch.setattr(front, "COMMANDS", front.COMMANDS + extra)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)

    def call(*arguments: str) -> Outcome:
        code = front.main(list(arguments))
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Outcome(code, said.out, said.err)

    return call


@pytest.fixture
def books(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(BOOKS)
    return tmp_path


@pytest.fixture
def python() -> str:
    return sys.executable
