"""An application is known to be ready, to be dead, or to be neither, and it always ends."""

import asyncio
import socket
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from nineam.app.ports import free_port
from nineam.app.process import Application, describe_exit
from nineam.errors import ApplicationError, ExitCode


@pytest.fixture
def run(apps, plain_env):
    """Start the listener, hand the application to a coroutine function, stop it whatever happens."""

    def start(use: Callable[[Application], Coroutine[Any, Any, Any]], *arguments: str, **options: Any) -> Any:
        async def whole() -> Any:
            command = [sys.executable, str(apps / "listener.py"), *arguments]
            application = await Application.start(command, cwd=apps, env=plain_env, **options)
            try:
                return await use(application)
            finally:
                await application.stop()

        return asyncio.run(whole())

    return start


def failure(awaitable: Callable[[Application], Coroutine[Any, Any, Any]]):
    async def use(application: Application) -> ApplicationError:
        with pytest.raises(ApplicationError) as caught:
            await awaitable(application)
        return caught.value

    return use


@pytest.mark.parametrize("guard", [True, False])
def test_a_server_is_ready_when_it_answers_with_any_status(run, guard):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    assert run(lambda app: app.wait_ready(url, 20), "http", str(port), guard=guard) == url


def test_the_port_of_an_unknown_command_is_found_in_its_process_tree(run):
    async def use(application):
        url = await application.wait_ready(None, 20)
        assert application.pid in application.tree()
        return url

    assert run(use, "http").startswith("http://127.0.0.1:")


def test_of_two_ports_the_one_that_answers_http_is_chosen(run):
    async def use(application):
        url = await application.wait_ready(None, 20)
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer

    assert run(use, "both").startswith(b"HTTP/1.0 503")


def test_an_application_that_dies_first_fails_fast_with_its_exit_code_and_last_words(run):
    problem = run(failure(lambda app: app.wait_ready(None, 60)), "dies")
    assert problem.exit_code == ExitCode.APPLICATION
    assert "exit code 3" in problem.message
    assert set(problem.details) == {"about to give up", "cannot reach the database"}


def test_an_application_that_never_listens_is_said_to_have_opened_no_port(run):
    problem = run(failure(lambda app: app.wait_ready(None, 1)), "closed")
    assert "not ready after 1 s: it opened no port" in problem.message
    assert problem.details == ("no port here",)
    assert "URL" in problem.hint


def test_an_application_that_accepts_but_never_answers_is_said_to_be_silent(run):
    port = free_port()
    problem = run(failure(lambda app: app.wait_ready(f"http://127.0.0.1:{port}", 1.5)), "silent", str(port))
    assert f"{port} accepts connections but does not answer" in problem.message


def test_an_application_on_another_port_than_announced_is_found_out(run):
    async def use(application):
        elsewhere = await application.wait_ready(None, 20)
        with pytest.raises(ApplicationError) as caught:
            await application.wait_ready(f"http://127.0.0.1:{free_port()}", 0.5)
        assert elsewhere in caught.value.hint

    run(use, "http")


def test_a_port_that_somebody_else_listened_on_before_is_not_taken_for_the_applications(run):
    with socket.create_server(("127.0.0.1", 0)):
        problem = run(failure(lambda app: app.wait_ready(None, 0.5)), "closed")
    assert "it opened no port" in problem.message


def test_a_taken_port_is_named_as_the_reason(run):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        problem = run(failure(lambda app: app.wait_ready(None, 20)), "http", str(port))
    assert "port is taken" in problem.hint


def test_death_is_announced_with_the_exit_code(run):
    async def use(application):
        return await asyncio.wait_for(application.died, 20)

    assert run(use, "dies") == 3


@pytest.mark.parametrize("guard", [True, False])
def test_a_command_that_is_not_there_is_an_error_not_a_traceback(guard, plain_env):
    starting = Application.start(["no-such-command-here"], cwd=Path.cwd(), env=plain_env, guard=guard)
    with pytest.raises(ApplicationError, match="cannot start no-such-command-here"):
        asyncio.run(starting)


@pytest.mark.parametrize("guard", [True, False])
def test_stop_may_be_called_twice_and_leaves_nothing(run, all_gone, guard):
    async def use(application):
        await application.wait_ready(None, 20)
        pids = application.tree()
        assert pids
        codes = await application.stop(), await application.stop()
        assert codes == (143, 143)
        assert application.tree() == ()
        all_gone(pids, 1)

    run(use, "http", guard=guard)


def test_stop_ends_what_ignores_sigterm(run, all_gone):
    async def use(application):
        while len(application.tree()) < 2:
            await asyncio.sleep(0)
        pids = application.tree()
        await application.stop()
        all_gone(pids, 1)

    run(use, "stubborn", grace_s=0.3)


def test_everything_printed_goes_to_the_log_file(run, tmp_path):
    async def use(application):
        await application.died

    run(use, "dies", log_file=tmp_path / "deep" / "app.log")
    assert "about to give up" in (tmp_path / "deep" / "app.log").read_text()


def test_the_environment_is_exactly_what_was_given(plain_env):
    async def whole() -> tuple[str, ...]:
        script = "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"
        application = await Application.start(
            [sys.executable, "-I", "-c", script], cwd=Path("/"), env={**plain_env, "ONE": "1"}
        )
        await application.died
        await application.stop()
        return application.tail()

    assert asyncio.run(whole()) == (str(sorted({*plain_env, "ONE"})),)


@pytest.mark.parametrize(("code", "text"), [(3, "exit code 3"), (137, "killed by SIGKILL"), (250, "exit code 250")])
def test_exit_codes_are_told_in_words(code, text):
    assert describe_exit(code) == text
