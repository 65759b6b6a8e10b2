"""What the tests of the demo share: a seeded shop and a way to call it without a server."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from nineam.demo.shop.main import create_app
from nineam.demo.shop.seed import seed
from nineam.demo.shop.settings import Settings
from nineam.demo.shop.sins import ALL_SINS


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def exchange(app: FastAPI, method: str, target: str, document: Any = None) -> Answer:
    """One request straight into the application."""
    path, _, query = target.partition("?")
    body = b"" if document is None else json.dumps(document).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"shop"), (b"content-type", b"application/json")],
    }
    sent: list[dict[str, Any]] = []
    requests = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in requests:
            return message
        return await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return Answer(
        status=sent[0]["status"],
        headers={name.decode(): value.decode() for name, value in sent[0]["headers"]},
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )


def call(app: FastAPI, method: str, target: str, document: Any = None) -> Answer:
    return asyncio.run(exchange(app, method, target, document))


@pytest.fixture(scope="session")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A seeded shop that tests only read."""
    url = f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.db'}"
    seed(url)
    return url


@pytest.fixture
def shop(shop_url: str) -> Callable[..., FastAPI]:
    """Builds the shop with exactly the given sins on; `without=` all but those."""
    opened: list[FastAPI] = []

    def build(*sins: str, without: tuple[str, ...] | None = None) -> FastAPI:
        chosen = frozenset(sins) if without is None else ALL_SINS - set(without)
        opened.append(create_app(Settings(shop_url, chosen)))
        return opened[-1]

    yield build
    for app in opened:
        app.state.shop.engine.dispose()


@pytest.fixture
def request_shop() -> Callable[..., Answer]:
    return call


@pytest.fixture
def fake_programs(tmp_path: Path) -> Callable[..., Path]:
    """A package directory with PostgreSQL programs that are the given shell scripts."""

    def build(**scripts: str) -> Path:
        programs = tmp_path / "package" / "pginstall" / "bin"
        programs.mkdir(parents=True)
        for name, script in scripts.items():
            program = programs / name
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        return tmp_path / "package"

    return build
