"""A Django project that knows nothing of nineam, on every server it usually runs on, in a venv without nineam."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent / "apps" / "django_project"
LOAD = ("--users", "1", "--think", "0.02", "--json", "run.json")
QUERIES = {"GET /orders/": 13.0, "GET /joined/": 1.0, "GET /orders/<int:pk>/": 1.0, "GET /api/orders/": 1.0}
TRUSTED_OR_NOT = {0, 4}
SERVERS = {
    "manage.py": (),
    "runserver": ("python", "manage.py", "runserver", "--noreload", "127.0.0.1:{port}"),
    "gunicorn-sync": ("gunicorn", "--workers", "2", "--bind", "127.0.0.1:{port}", "shop.wsgi:application"),
    "gunicorn-gthread": ("gunicorn", "--threads", "4", "--bind", "127.0.0.1:{port}", "shop.wsgi:application"),
    "uvicorn": ("uvicorn", "--port", "{port}", "shop.asgi:application"),
}


@pytest.fixture(scope="module")
def runs(launch, short, other_python, free_port, tmp_path_factory):
    """Run the project on every server, side by side, because the load is one polite user each."""
    started = {}
    for name, command in SERVERS.items():
        folder = tmp_path_factory.mktemp(name) / "project"
        shutil.copytree(PROJECT, folder)
        subprocess.run([other_python, "fill.py"], cwd=folder, check=True, timeout=60)
        program, *rest = (part.format(port=free_port()) for part in command or ("",))
        what = ["--", str(other_python.parent / program), *rest] if program else ["--python", str(other_python)]
        arguments = ("run", *short, *LOAD, *([] if program else ["manage.py"]), *with_routes(folder, program), *what)
        started[name] = (folder, launch(*arguments, cwd=folder))

    @cache
    def ended(name):
        folder, process = started[name]
        outcome = process.outcome(120.0)
        assert outcome.code in TRUSTED_OR_NOT, outcome.out + outcome.err
        return json.loads((folder / "run.json").read_text())

    yield ended
    for _, process in started.values():
        process.kill()


def with_routes(folder, program):
    """A command says nothing of its routes: a journey does."""
    if not program:
        return []
    paths = ("/orders/", "/joined/", "/orders/1/", "/api/orders/")
    calls = "\n".join(f"    await user.get({path!r})" for path in paths)
    (folder / "monday.py").write_text(f"from nineam import journey\n\n\n@journey\nasync def look(user):\n{calls}\n")
    return ["--journeys", "monday.py"]


@pytest.fixture(params=SERVERS)
def document(request, runs):
    return runs(request.param)


def test_every_endpoint_is_there_under_its_route(document):
    assert set(QUERIES) <= set(document["localhost"]["endpoints"])
    for name in QUERIES:
        assert set(document["localhost"]["endpoints"][name]["statuses"]) == {"200"}


def test_queries_per_request_are_counted_exactly(document):
    for phase in ("localhost", "monday"):
        endpoints = document[phase]["endpoints"]
        assert {name: endpoints[name]["queries_per_request"] for name in QUERIES} == QUERIES


def test_layers_add_up_to_the_time_on_the_server(document):
    for name in QUERIES:
        endpoint = document["localhost"]["endpoints"][name]
        mean, layers = endpoint["server_mean_ms"], endpoint["layers_ms"]
        assert abs(sum(layers.values()) - mean) <= 0.05 * mean, name
        assert layers.get("unattributed", 0.0) < 0.05 * mean, name


def test_its_layers_are_seen_and_every_hook_is_active(document):
    assert set(document["observer"]["hooks"].values()) == {"active"}
    seen = {layer for name in QUERIES for layer in document["localhost"]["endpoints"][name]["layers_ms"]}
    assert {"view", "orm", "hydration", "db_execute", "db_fetch", "serializer", "renderer"} <= seen
    assert {"middleware:Stamp", "middleware:CommonMiddleware"} <= seen


def test_the_lazy_foreign_key_is_found_at_its_line_and_nothing_else(document):
    source = (PROJECT / "shop" / "views.py").read_text().splitlines()
    line = next(number for number, text in enumerate(source, 1) if "for order in Order.objects.order_by" in text)
    (found,) = [finding for finding in document["findings"] if finding["code"] == "n-plus-one"]
    assert (found["endpoint"], found["function"]) == ("GET /orders/", "orders")
    assert (found["where"], found["relationship"]) == (f"shop/views.py:{line}", "Order.customer")
    assert 'select_related("customer")' in found["fix"]
