"""An application that takes what strangers send; its sins, named in SINS, are about trusting them."""

import json
import os

from fastapi import FastAPI, HTTPException, Request

SINS = os.environ.get("SINS", "").split(",")
LIMIT = 1_000_000
SHELF = [f"item {number}" for number in range(100)]

app = FastAPI()


@app.get("/items")
async def items(page: str = "1"):
    if "trusts" in SINS:
        return SHELF[int(page) :]
    if not (page.isascii() and page.isdigit() and len(page) < 5):
        raise HTTPException(422, "page is a number")
    return SHELF[int(page) :]


@app.get("/plain")
async def plain():
    return "plain"


async def limited(request):
    """Read a body as far as anybody needs it."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LIMIT:
            raise HTTPException(413)
    return bytes(body)


@app.post("/notes")
async def notes(request: Request):
    body = await (request.body() if "swallows" in SINS else limited(request))
    try:
        note = json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(400) from None
    return {"fields": len(note) if isinstance(note, dict) else 0}
