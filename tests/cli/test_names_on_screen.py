"""What an endpoint is called: as the user says, else by its route; and a threshold may call it as the screen does."""

import json

import pytest

APP = """
import asyncio
import time

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()

@app.get("/items/{item_id}")
async def item(item_id: int):
    return {"id": item_id}

@app.get("/ticks")
async def ticks():
    async def made():
        for number in range(3):
            yield f"data: {number}\\n\\n"
            await asyncio.sleep(0.02)
    return StreamingResponse(made(), media_type="text/event-stream")

@app.get("/lines")
def lines():
    def made():
        for number in range(3):
            yield f"{number}\\n"
            time.sleep(0.02)
    return StreamingResponse(made(), media_type="text/plain")
"""
JOURNEYS = """
from nineam import journey

async def warm(user):
    await user.get("/items/1", name="/login")

@journey(setup=warm)
async def look(user):
    await user.get("/items/7")
    await user.get("/items/nine", name="odd", expect=422)
    await user.get("/items/7", name="/items/[id]")
    await user.get("/ticks")
    await user.get("/lines")
"""
HELD = ("GET /items/{item_id}", "GET /items/{id}", "GET odd", "GET /items/[id]")


@pytest.fixture(scope="module")
def document(nineam, short, tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    (folder / "shop.py").write_text(APP)
    (folder / "monday.py").write_text(JOURNEYS)
    thresholds = [f"http_req_duration{{name:{name}}} max>0" for name in (*HELD, "GET /item/[id]")]
    options = [word for text in thresholds for word in ("--threshold", text)]
    outcome = nineam("run", "shop:app", "-u", "2", "--no-climb", "--json", "-", *options, *short, cwd=folder)
    assert outcome.code == 99, outcome.err
    return json.loads(outcome.out)


def test_a_name_of_the_user_s_choice_is_the_name_on_screen(document):
    names = {"GET /items/{item_id}", "GET odd", "GET /items/[id]", "GET /ticks", "GET /lines"}
    assert names <= document["monday"]["endpoints"].keys() <= names | {"GET /login"}


def test_it_was_seen_from_inside_all_the_same(document):
    assert all(endpoint["layers_ms"] for endpoint in document["monday"]["endpoints"].values())


def test_what_the_polite_user_did_once_is_shown(document):
    assert document["localhost"]["endpoints"]["GET /login"]["requests"] == 1


def test_thresholds_know_the_names_on_screen_and_those_that_were_sent(document):
    judged = {each["metric"]: each["ok"] for each in document["thresholds"]}
    assert [judged[f"http_req_duration{{name:{name}}}"] for name in HELD] == [True] * 4
    assert not judged["http_req_duration{name:GET /item/[id]}"]


def test_a_threshold_on_what_never_occurred_says_what_did(document):
    (notice,) = [each for each in document["notices"] if each.startswith("threshold ")]
    assert "no name 'GET /item/[id]'; did you mean GET /items/[id]? There were: GET /items/[id], " in notice


@pytest.mark.parametrize("name", ["GET /ticks", "GET /lines"])
def test_the_time_of_a_stream_is_that_of_the_view_that_makes_it(document, name):
    layers = document["localhost"]["endpoints"][name]["layers_ms"]
    assert max(layers, key=layers.__getitem__) == "view"
