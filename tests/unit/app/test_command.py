"""The command line of every server, and what is said when there is none."""

import pytest

from nineam.app.command import SERVERS, ServerOptions, server_command
from nineam.app.facts import AppFacts, Target
from nineam.errors import UsageError

ALL = {
    "uvicorn": "0.54.0", "gunicorn": "27.0.1", "hypercorn": "0.18.0", "granian": "2.8.7", "waitress": "3.0.2",
    "flask": "3.1.3", "django": "5.2",
}  # fmt: skip


def facts(kind: str = "asgi", call: str = "", **changes) -> AppFacts:
    attribute = call.partition("(")[0] or "app"
    known = {
        "target": Target(text="shop:app", cwd="/shop", search_path="/shop", module="shop"),
        "interpreter": "python",
        "python": "3.12.1",
        "kind": kind,
        "framework": "fastapi" if kind == "asgi" else "flask",
        "module": "shop",
        "attribute": attribute,
        "call": call,
        "factory": bool(call),
        "servers": ALL,
    }
    return AppFacts(**{**known, **changes})


def text(known: AppFacts, server: str = "auto", **options) -> str:
    return server_command(known, ServerOptions(server=server, port=9000, **options)).text


@pytest.mark.parametrize(
    ("server", "kind", "expected"),
    [
        ("auto", "asgi", "-m uvicorn --host 127.0.0.1 --port 9000 --no-access-log shop:app"),
        ("auto", "wsgi", "-m gunicorn --bind 127.0.0.1:9000 --workers 1 --threads 4 --no-control-socket shop:app"),
        ("gunicorn", "asgi", "-m gunicorn --bind 127.0.0.1:9000 --workers 1 --worker-class "
         "uvicorn.workers.UvicornWorker --no-control-socket shop:app"),
        ("hypercorn", "asgi", "-m hypercorn --bind 127.0.0.1:9000 shop:app"),
        ("hypercorn", "wsgi", "-m hypercorn --bind 127.0.0.1:9000 wsgi:shop:app"),
        ("granian", "asgi", "-m granian --interface asgi --host 127.0.0.1 --port 9000 --workers 1 shop:app"),
        ("waitress", "wsgi", "-m waitress --host=127.0.0.1 --port=9000 --threads=4 shop:app"),
        ("flask", "wsgi", "-m flask --app shop:app run --host 127.0.0.1 --port 9000 --no-debugger --no-reload"),
    ],
)  # fmt: skip
def test_each_server_gets_its_own_command(server, kind, expected):
    assert text(facts(kind), server) == f"python {expected}"


@pytest.mark.parametrize(
    ("server", "kind", "end"),
    [
        ("uvicorn", "asgi", "--factory shop:create_app"),
        ("granian", "wsgi", "--factory shop:create_app"),
        ("waitress", "wsgi", "--call shop:create_app"),
        ("gunicorn", "wsgi", "'shop:create_app()'"),
        ("hypercorn", "asgi", "'shop:create_app()'"),
    ],
)
def test_each_server_is_told_of_a_factory_in_its_own_way(server, kind, end):
    assert text(facts(kind, "create_app()"), server).endswith(end)


def test_a_factory_with_arguments_goes_only_to_servers_that_can_pass_them():
    assert text(facts("wsgi", 'create_app("x")')).endswith("""'shop:create_app("x")'""")
    with pytest.raises(UsageError, match="without arguments; got create_app"):
        text(facts("asgi", 'create_app("x")'), "uvicorn")


def test_workers_are_passed_on_and_refused_where_there_is_only_one():
    assert "--workers 3" in text(facts(), workers=3)
    assert "--workers 3 --threads 2" in text(facts("wsgi"), workers=3, threads=2)
    for server in ("waitress", "flask"):
        with pytest.raises(UsageError, match=f"{server} runs one process; got 3 workers"):
            text(facts("wsgi"), server, workers=3)
    with pytest.raises(UsageError, match="whole numbers from 1"):
        text(facts(), workers=0)


def test_a_gunicorn_configuration_keeps_its_say_about_workers_and_threads():
    configured = facts("wsgi", server_config=("gunicorn.conf.py",))
    assert text(configured) == "python -m gunicorn --bind 127.0.0.1:9000 --no-control-socket shop:app"
    assert "--workers 2" in text(configured, workers=2)


@pytest.mark.parametrize(
    ("version", "given"), [("23.0.0", False), ("25.0.3", False), ("25.1.0", True), ("26rc1", False)]
)
def test_gunicorn_is_only_given_flags_that_its_version_knows(version, given):
    command = text(facts("wsgi", servers={"gunicorn": version}))
    assert ("--no-control-socket" in command) is given


def test_a_django_project_is_served_by_its_entry_or_else_by_runserver():
    target = Target(text="manage.py", cwd="/shop", search_path="/shop", manage_file="/shop/manage.py", settings="s")
    django = facts("wsgi", target=target, framework="django", module="shop.wsgi", attribute="application")
    assert text(django).endswith("--no-control-socket shop.wsgi:application")
    runserver = "python /shop/manage.py runserver --noreload 127.0.0.1:9000"
    assert text(django, "django") == runserver
    assert text(facts("wsgi", target=target, framework="django", module="", attribute="")) == runserver


def test_the_import_path_is_given_only_where_it_is_not_the_working_directory():
    target = Target(text="src/shop.py:app", cwd="/shop", search_path="/shop/src", module="shop")
    assert server_command(facts(target=target), ServerOptions()).search_path == "/shop/src"
    assert server_command(facts(), ServerOptions()).search_path == ""


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("::1", "http://[::1]:80"), ("0.0.0.0", "http://127.0.0.1:80")],
)
def test_the_url_is_where_the_server_can_be_reached(host, url):
    assert server_command(facts(), ServerOptions(host=host, port=80)).url == url


def test_a_server_that_is_missing_is_named_with_the_way_to_install_it():
    bare = facts(servers={})
    with pytest.raises(UsageError, match="looked for uvicorn, granian, hypercorn") as caught:
        text(bare)
    assert caught.value.hint == "python -m pip install uvicorn"
    with pytest.raises(UsageError, match="not installed") as caught:
        text(bare, "granian")
    assert caught.value.hint == "python -m pip install granian"


def test_a_server_that_does_not_exist_or_does_not_fit_is_refused():
    with pytest.raises(UsageError) as caught:
        text(facts(), "uvicron")
    assert caught.value.hint == "did you mean uvicorn?"
    with pytest.raises(UsageError, match="does not serve this application"):
        text(facts(), "waitress")
    with pytest.raises(UsageError, match="does not serve this application"):
        text(facts("wsgi"), "django")


def test_every_server_has_one_name():
    assert len({server.name for server in SERVERS}) == len(SERVERS)
