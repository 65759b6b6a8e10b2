"""The application is looked at in its own interpreter; every way to be wrong has its own words."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from nineam.app.inspect import inspect_target
from nineam.app.interpreter import choose_interpreter
from nineam.app.probe.classify import judge
from nineam.app.probe.describe import debug, health_path
from nineam.app.probe.django_routes import readable
from nineam.errors import ApplicationError, ExitCode, UsageError


@pytest.fixture
def look(apps, plain_env):
    interpreter = choose_interpreter(sys.executable, {}, apps)

    def inspect(target: str, cwd: Path = apps, timeout_s: float = 30.0, **env: str):
        return inspect_target(target, interpreter, cwd, {**plain_env, **env}, timeout_s)

    return inspect


def listed(found):
    return {(route.methods, route.path) for route in found.routes}


def test_a_fastapi_application_is_described(look):
    found = look("fastapi_app:app")
    assert (found.kind, found.framework, found.factory) == ("asgi", "fastapi", False)
    assert found.python == ".".join(str(part) for part in sys.version_info[:3])
    assert found.servers.keys() >= {"uvicorn", "gunicorn"}
    assert (found.openapi_path, found.health_path) == ("/openapi.json", "/healthz")
    assert listed(found) >= {
        (("GET",), "/api/orders/{order_id}"),
        (("POST",), "/api/orders"),
        (("GET",), "/mounted/inside"),
    }
    order = next(route for route in found.routes if route.name == "order")
    assert (order.native, order.parameters) == ("/api/orders/{order_id:int}", {"order_id": "int"})


@pytest.mark.parametrize("target", ["fastapi_app:create_app", "fastapi_app:create_app()"])
def test_a_factory_is_recognised_and_called(look, target):
    found = look(target)
    assert (found.factory, found.call, found.framework) == (True, "create_app()", "fastapi")


def test_a_flask_application_is_described_and_its_factory_takes_literal_arguments(look):
    found = look('flask_app:create_app("x")')
    assert (found.kind, found.framework, found.call) == ("wsgi", "flask", 'create_app("x")')
    assert listed(found) >= {(("GET",), "/users/{user_id}"), (("GET", "POST"), "/users")}
    assert found.health_path == "/ping"


def test_an_application_behind_a_middleware_is_recognised(look):
    found = look("starlette_app:app")
    assert (found.kind, found.framework) == ("asgi", "starlette")
    assert listed(found) == {(("GET",), "/"), (("GET", "POST"), "/v1/hello/{name}")}


@pytest.mark.parametrize(
    ("target", "kind", "attribute"), [("plain_wsgi", "wsgi", "application"), ("plain_asgi", "asgi", "app")]
)
def test_the_usual_name_is_taken_when_none_was_given(look, target, kind, attribute):
    found = look(target)
    assert (found.kind, found.framework, found.attribute) == (kind, "unknown", attribute)


def test_a_file_of_a_src_layout_is_imported_as_its_package(look, tmp_path):
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (tmp_path / "src" / "shop" / "__init__.py").write_text("")
    (tmp_path / "src" / "shop" / "inspect.py").write_text("async def app(scope, receive, send): ...\n")
    (tmp_path / "routes.py").write_text("raise SystemExit('the probe imported a module of the application')\n")
    found = look("src/shop/inspect.py", tmp_path)
    assert (found.spelled, found.target.search_path) == ("shop.inspect:app", str(tmp_path / "src"))


def test_the_database_is_guessed_from_a_live_engine_before_the_environment(look, tmp_path):
    (tmp_path / "main.py").write_text(
        "from sqlalchemy import create_engine\nengine = create_engine('sqlite://')\nfrom plain_asgi import app\n"
    )
    path = str(Path(__file__).parents[2] / "apps")
    assert look("main:app", tmp_path, PYTHONPATH=path, DATABASE_URL="postgres://x/y").database == "sqlite"
    assert look("plain_asgi:app", DATABASE_URL="postgres://x/y").database == "postgresql"


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        ("fastap_app:app", "finds no module 'fastap_app'", "did you mean fastapi_app:app?"),
        ("fastapi_app.main:app", "finds no module 'fastapi_app.main'", "did you mean fastapi_app:app?"),
        ("fastapi_app:ap", "module fastapi_app has no 'ap'", "did you mean fastapi_app:app?"),
        ("fastapi_app:number", "is int, not an ASGI or WSGI application", "did you mean fastapi_app:app?"),
        ("flask_app:demanding", "is a function with 2 parameters, not", "did you mean flask_app:app?"),
        ("listener", "more than one application, or none", "module:variable"),
    ],
)
def test_a_wrong_target_is_a_usage_error_with_the_nearest_right_one(look, target, message, hint):
    with pytest.raises(UsageError) as caught:
        look(target)
    assert caught.value.exit_code == ExitCode.USAGE
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_crash_on_import_is_shown_with_its_line_and_last_words(look):
    with pytest.raises(ApplicationError) as caught:
        look("crash_app:app")
    assert "raises RuntimeError at crash_app.py:5 while it is imported: SECRET_KEY is not set" in caught.value.message
    assert caught.value.details[-1] == "RuntimeError: SECRET_KEY is not set"
    assert not any("importlib" in line or "probe" in line for line in caught.value.details)


def test_a_library_that_is_missing_is_named_with_the_interpreter(look):
    with pytest.raises(ApplicationError) as caught:
        look("needs_missing_app:app")
    assert "needs_missing_app.py:3" in caught.value.message
    assert "'a_library_that_nobody_installed'" in caught.value.hint
    assert sys.executable in caught.value.hint


def test_an_import_that_hangs_is_ended_and_the_waiting_line_named(look):
    with pytest.raises(ApplicationError, match=r"did not finish in 1 s: it waits at hang_app\.py:7"):
        look("hang_app:app", timeout_s=1)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import os; os._exit(9)", r"ended while it imported main \(exit code 9\)"),
        ("raise SystemExit('no configuration')", r"raises SystemExit at main\.py:1 .*no configuration"),
        ("app = (", r"raises SyntaxError at main\.py:1"),
        ("def create_app(): raise KeyError('TOKEN')\napp = create_app", r"raises KeyError at main\.py:1 .*TOKEN"),
    ],
)
def test_every_other_end_of_an_import_is_told(look, tmp_path, source, message):
    (tmp_path / "main.py").write_text(source + "\n")
    with pytest.raises(ApplicationError, match=message):
        look("main:app", tmp_path)


def test_noise_threads_and_children_of_an_import_change_nothing(look, tmp_path, all_gone):
    (tmp_path / "main.py").write_text(
        "import subprocess, sys, threading\n"
        "sys.stdout.write('{\"ok\": true}' * 10_000); sys.stderr.write('noise')\n"
        "child = subprocess.Popen(['sleep', '1000'])\n"
        "open('pid', 'w').write(str(child.pid))\n"
        "threading.Thread(target=child.wait).start()\n"
        "async def app(scope, receive, send): ...\n"
    )
    assert look("main:app", tmp_path).kind == "asgi"
    all_gone([int((tmp_path / "pid").read_text())], 5)


def test_a_django_project_is_described(look, tmp_path):
    pytest.importorskip("django")
    (tmp_path / "manage.py").write_text("'DJANGO_SETTINGS_MODULE', 'settings'\n")
    (tmp_path / "settings.py").write_text(
        "SECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\n"
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'x'}}\n"
    )
    (tmp_path / "urls.py").write_text(
        "from django.urls import path\nfrom django.views import View\n"
        "class V(View):\n    def post(self, request, pk): ...\n"
        "urlpatterns = [path('things/<int:pk>/', V.as_view(), name='thing')]\n"
    )
    found = look("manage.py", tmp_path)
    assert (found.framework, found.kind, found.database, found.module) == ("django", "wsgi", "sqlite", "")
    assert listed(found) == {(("POST",), "/things/{pk}/")}


@pytest.mark.parametrize(
    ("native", "path", "parameters"),
    [
        ("/users/<int:pk>/", "/users/{pk}/", {"pk": "int"}),
        ("/users/<name>/", "/users/{name}/", {"name": "str"}),
        (r"/old/(?P<year>[0-9]{4})/(?:x|y)?$", "/old/{year}/", {"year": "int"}),
        (r"/a\.b/(?P<path>(x(y)?)+)/\Z", "/a.b/{path}/", {"path": "str"}),
        (r"/(\d+)/edit/?$", "/{argument1}/edit/", {"argument1": "int"}),
    ],
)
def test_djangos_patterns_become_readable_paths(native, path, parameters):
    assert readable(native) == (path, parameters)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/status", "/api/v1/health", "/health"], "/health"),
        (["/healthz/", "/ping"], "/healthz/"),
        (["/health/{part}", "/users"], ""),
        (["/admin/monitoring/ping/", "/api/v3/status/"], "/api/v3/status/"),
    ],
)
def test_the_health_page_is_the_best_known_name(paths, expected):
    assert health_path([{"path": path, "methods": ["GET"]} for path in paths]) == expected


@pytest.mark.parametrize(("said", "expected"), [(True, True), (False, False), ("a property of something else", False)])
def test_an_application_says_whether_it_is_in_debug_mode(said, expected):
    assert debug(SimpleNamespace(debug=said)) is expected


class AsyncCallable:
    async def __call__(self, scope, receive, send): ...


class WsgiCallable:
    def __call__(self, a, b): ...


@pytest.mark.parametrize(
    ("thing", "kind", "factory"),
    [
        (AsyncCallable(), "asgi", False),
        (WsgiCallable(), "wsgi", False),
        (AsyncCallable, "", True),
        (lambda: None, "", True),
        (lambda scope, receive, send: None, "asgi", False),
        (lambda a: a, "", False),
        (print, "", False),
        (os, "", False),
        ("app", "", False),
    ],
)
def test_an_object_is_judged_by_how_it_is_called(thing, kind, factory):
    judgement = judge(thing)
    assert (judgement.kind, judgement.factory) == (kind, factory)
