"""A target that cannot be run is named, with what was expected and the next step; nothing is left running."""

import socket

import pytest

STARTS_AND_ENDS = """
import os

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        print("opening the till", flush=True)
        print("\\x1b[31mno database\\x1b[0m", flush=True)
        os._exit(9)
"""
NEVER_ANSWERS = """
import asyncio

async def app(scope, receive, send):
    if scope["type"] == "http":
        await asyncio.Event().wait()
"""


def test_a_misspelt_module_is_refused_with_the_nearest_one(refused):
    refused(
        "run", "fastapi_ap:app", says=("'fastapi_ap:app'", "no module 'fastapi_ap'", "did you mean fastapi_app:app")
    )


def test_a_misspelt_attribute_is_refused_with_the_nearest_one(refused):
    refused("run", "fastapi_app:ap", says=("module fastapi_app has no 'ap'", "did you mean fastapi_app:app?"))


def test_something_that_is_no_application_is_refused_with_what_looks_like_one(refused):
    refused("run", "fastapi_app:number", says=("'fastapi_app:number' is int", "fastapi_app:app"))


def test_a_folder_without_an_application_says_what_was_looked_for(nineam, tmp_path):
    nineam("run", cwd=tmp_path).refuses(
        2, f"found no web application in {tmp_path}", "looked for", "nineam run module:app"
    )


def test_an_application_that_crashes_on_import_shows_the_line_and_its_last_words(refused):
    outcome = refused("run", "crash_app:app", code=3, says=("RuntimeError at crash_app.py:5", "SECRET_KEY is not set"))
    assert 'raise RuntimeError("SECRET_KEY is not set")' in outcome.err


def test_a_missing_library_is_named_with_how_to_install_it(refused):
    refused("run", "needs_missing_app:app", code=3, says=("a_library_that_nobody_installed", "-m pip"))


def test_an_application_that_ends_at_once_shows_its_exit_code_and_its_last_words(refused, project):
    (project / "ends_app.py").write_text(STARTS_AND_ENDS)
    refused(
        "run",
        "ends_app:app",
        code=3,
        says=("ended before it was ready (exit code 9)", "opening the till", "no database"),
    )


def test_an_application_that_never_answers_is_given_up_at_the_ready_timeout(refused, project):
    (project / "silent_app.py").write_text(NEVER_ANSWERS)
    refused("run", "silent_app:app", "--ready-timeout", "2", code=3, says=("not ready after 2 s", "does not answer"))


def test_an_import_that_hangs_is_given_up_at_the_ready_timeout_with_the_line_it_waits_at(refused):
    refused("run", "hang_app:app", "--ready-timeout", "2", code=3, says=("did not finish in 2 s", "hang_app.py:7"))


def test_a_port_that_is_taken_is_refused_with_who_has_it(refused):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        refused("run", "plain_asgi:app", "--port", port, says=(f"port {port} is taken", "leave --port out"))


def test_a_url_that_refuses_connections_says_so(refused):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        refused("run", url, code=3, says=(f"{url} refuses connections", "start the application first"))


def test_a_url_elsewhere_is_refused_and_the_allow_list_is_explained(refused):
    refused("run", "http://192.0.2.1:80", says=("192.0.2.1 is not this machine", "allow_targets", "--allow-target"))


def test_the_flag_alone_does_not_open_the_way_elsewhere(refused):
    arguments = ("run", "http://192.0.2.1:80", "--allow-target", "192.0.2.1")
    refused(*arguments, says=("192.0.2.1 is not this machine", "allow_targets", "nineam.toml"))


def test_the_setting_alone_does_not_open_the_way_elsewhere(refused, project):
    (project / "nineam.toml").write_text('allow_targets = ["192.0.2.1"]\n')
    refused("run", "http://192.0.2.1:80", says=("192.0.2.1 is not this machine", "--allow-target"))


def test_two_dashes_without_a_command_are_refused(refused):
    refused("run", "--", says=("no command after --", "nineam run -- gunicorn"))


def test_a_command_that_ends_at_once_is_said_to_have_ended(refused):
    refused("run", "--", "false", code=3, says=("ended before it was ready (exit code 1)",))


def test_a_command_that_is_not_there_is_named(refused):
    refused("run", "--", "gunicron", "shop:app", code=3, says=("cannot start gunicron",))


def test_a_target_and_a_command_exclude_each_other(refused):
    refused("run", "plain_asgi:app", "--", "gunicorn", "x:y", says=("plain_asgi:app", "a command after --"))


@pytest.mark.parametrize("given", [("--python", "nopython"), ("--python", "plain_asgi.py")])
def test_an_interpreter_that_is_none_is_refused(refused, given):
    refused("run", "plain_asgi:app", *given, says=("--python", given[1]))


def test_a_server_that_nobody_knows_is_refused_with_the_nearest_one(refused):
    refused("run", "plain_asgi:app", "--server", "uvicron", says=("--server uvicron", "did you mean uvicorn?"))


def test_a_server_of_the_wrong_kind_is_refused(refused):
    refused("run", "plain_wsgi:application", "--server", "uvicorn", says=("--server uvicorn", "WSGI"))
