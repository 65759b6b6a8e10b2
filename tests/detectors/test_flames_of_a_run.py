"""Flames of runs made by hand: exact milliseconds, shaped by samples."""

import msgspec
import pytest

from nineam.diagnose.flames import flames, sampler
from nineam.diagnose.frames import file_of, readable
from nineam.diagnose.picture import Picture
from nineam.model import Sampler
from nineam.store.records import StackCount

X = "GET /x"
VIEW = "orders (app/views.py:10)"
QUERY = "execute (sqlalchemy/engine/base.py:1846)"


def seen(run, kind, *counted):
    """The same run with stacks (layer, frames, samples) in the first phase of a kind."""
    phase = next(phase.id for phase in run.phases if phase.kind == kind)
    stacks = tuple(
        StackCount(phase=phase, endpoint=X, layer=layer, frames=frames, samples=samples)
        for layer, frames, samples in counted
    )
    return msgspec.structs.replace(run, stacks=(*run.stacks, *stacks))


@pytest.fixture
def run(new_run):
    made = new_run().localhost().endpoint(X, {"view": 5.0, "db_execute": 3.0})
    made.endpoint("GET /rare", {"view": 1.0}, requests=1)
    made.monday(1, 20).endpoint(X, {"view": 6.0, "db_execute": 40.0}, requests=100)
    return made.picture().run


def test_the_layers_are_the_exact_ones_and_the_stacks_of_each_add_up_to_it(run):
    run = seen(run, "monday", ("db_execute", (VIEW, QUERY), 30), ("db_execute", (VIEW,), 10))
    first = flames(Picture(run))[0]
    assert (first.endpoint, first.phase, first.requests, first.ms) == (X, "monday", 100, pytest.approx(46))
    layers = {layer.layer: layer for layer in first.layers}
    assert {name: layer.ms for name, layer in layers.items()} == pytest.approx({"view": 6, "db_execute": 40})
    assert layers["view"].stacks == ()
    assert [(stack.frames, stack.samples) for stack in layers["db_execute"].stacks] == [
        ((VIEW, QUERY), 30),
        ((VIEW,), 10),
    ]
    assert [stack.ms for stack in layers["db_execute"].stacks] == pytest.approx([30, 10])


def test_there_is_one_flame_per_endpoint_and_phase_the_dearest_first(run):
    found = [(flame.endpoint, flame.phase) for flame in flames(Picture(run))]
    assert found == [(X, "monday"), (X, "localhost"), ("GET /rare", "localhost")]


def test_samples_of_another_phase_do_not_count(run):
    run = seen(run, "monday", ("view", (VIEW,), 3))
    localhost = next(flame for flame in flames(Picture(run)) if flame.phase == "localhost")
    assert all(layer.stacks == () for layer in localhost.layers)


def test_stacks_that_read_the_same_are_one(run):
    server = ("run (uvicorn/server.py:60)", "app (starlette/routing.py:73)")
    run = seen(run, "monday", ("view", (*server, VIEW), 2), ("view", (VIEW,), 1))
    view = next(layer for layer in flames(Picture(run))[0].layers if layer.layer == "view")
    assert [(stack.frames, stack.samples) for stack in view.stacks] == [((VIEW,), 3)]


def test_the_frames_of_server_agent_and_way_in_are_left_out():
    server = ("run (/usr/lib/python3.12/asyncio/runners.py:190)", "run_asgi (uvicorn/protocols/http/h11_impl.py:403)")
    agent = ("__call__ (/x/site-packages/nineam_agent/asgi.py:31)",)
    way = ("app (/venv/lib/python3.12/site-packages/starlette/routing.py:73)", "run_endpoint (fastapi/routing.py:214)")
    assert readable((*server, *agent, *way, VIEW, *agent, QUERY), "view") == (VIEW, QUERY)
    assert readable((*server, *agent, *way), "framework") == way
    assert readable((*server, *agent, *way), "view") == way[-1:]
    assert readable(server, "view") == server[-1:]
    assert readable((), "view") == ()
    encoder = "jsonable_encoder (fastapi/encoders.py:None)"
    assert readable((*server, *way, encoder, VIEW), "serializer") == (encoder, VIEW)


def test_a_function_that_goes_on_in_the_same_line_is_one_frame():
    assert readable((VIEW, VIEW, QUERY, VIEW), "view") == (VIEW, QUERY, VIEW)


def test_a_file_of_the_application_that_is_called_like_a_library_s_function_stays():
    assert readable(("starlette (app/starlette.py:1)",), "view") == ("starlette (app/starlette.py:1)",)
    assert file_of("odd name without a place") == ""


def test_who_took_the_samples(run):
    assert sampler(run) == Sampler()
    meta = run.meta | {"sampler": {"kind": "sigalrm", "hz": 199, "reason": ""}}
    assert sampler(msgspec.structs.replace(run, meta=meta)) == Sampler(kind="sigalrm", hz=199)
