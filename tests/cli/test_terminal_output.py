"""What is written where: plain lines for logs, a live view for people, nothing hostile for the terminal."""

import json
import re

import pytest

ESCAPE = "\x1b"


def test_without_a_terminal_there_are_plain_lines(finished):
    outcome, _ = finished
    assert ESCAPE not in outcome.out + outcome.err
    assert "\r" not in outcome.out + outcome.err
    assert re.search(r"^localhost +one polite user +p95 +\d+ ms", outcome.err, re.MULTILINE)
    assert re.search(r"^Monday +1 user +p95 +\d+ ms .* held$", outcome.err, re.MULTILINE)


def test_progress_goes_to_stderr_and_the_report_to_stdout(finished):
    outcome, _ = finished
    assert outcome.out.startswith(("READY FOR", "NOT PROVEN", "NOT READY"))
    assert "GET /" in outcome.out
    assert "starting" not in outcome.out


def test_a_report_in_every_format_is_written_where_it_was_asked_for(nineam, finished, tmp_path):
    names = {"--html": "a.html", "--json": "a.json", "--junit": "a.xml", "--markdown": "a.md"}
    options = [part for pair in names.items() for part in pair]
    outcome = nineam("report", str(finished[1]), *options, cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    assert all((tmp_path / name).stat().st_size > 100 for name in names.values())
    assert json.loads((tmp_path / "a.json").read_text())["schema"] == "nineam/run/1"


def test_json_on_standard_output_is_nothing_but_json(nineam, finished, tmp_path):
    outcome = nineam("report", str(finished[1]), "--json", "-", cwd=tmp_path)
    assert json.loads(outcome.out)["schema"] == "nineam/run/1"


def test_the_latest_run_is_the_one_reported(nineam, finished):
    outcome, file = finished
    report = nineam("report", cwd=file.parent.parent)
    assert report.code == 0
    assert report.out.splitlines()[0] == outcome.out.splitlines()[0]


def test_a_terminal_shows_the_run_live_and_is_left_clean(terminal, project, short):
    shown = terminal("run", "plain_asgi:app", "--users", "1", "--think", "0.05", *short, cwd=project)
    assert shown.code in {0, 4}, shown.text
    assert shown.text.count("s left") > 1, "the live view is drawn again and again"
    assert shown.raw.rfind(b"\x1b[?25h") > shown.raw.rfind(b"\x1b[?25l") >= 0, "the cursor is back"
    assert b"\x1b[?1049h" not in shown.raw or shown.raw.rfind(b"\x1b[?1049l") > shown.raw.rfind(b"\x1b[?1049h")
    report = shown.text[shown.text.rindex("s left") :]
    assert "GET /" in report
    assert shown.cooked_before
    assert shown.cooked_after


def test_control_c_in_a_terminal_leaves_it_clean(terminal, project, short):
    shown = terminal(
        "run", "plain_asgi:app", "--users", "1", "--duration", "60s", *short, cwd=project, interrupt_at=b"Monday"
    )
    assert shown.code == 130, shown.text
    assert "Traceback" not in shown.text
    assert shown.raw.rfind(b"\x1b[?25h") > shown.raw.rfind(b"\x1b[?25l") >= 0, "the cursor is back"
    assert shown.cooked_after


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "\x1b[31mevil:app"),
        ("run", "plain_asgi:\x1b]0;evil\x07app"),
        ("run", "plain_asgi:app", "--journeys", "\x1b[31mevil.py"),
        ("run", "plain_asgi:app", "--threshold", "\x1b[31mevil p(95)<1"),
        ("run", "plain_asgi:app", "--json", "\x1b[31mevil/x.json"),
        ("run", "plain_asgi:app", "--\x1b[31mevil"),
        ("run", "--", "\x1b[31mevil"),
        ("report", "\x1b[31mevil.db"),
        ("explain", "\x1b[31mevil"),
        ("\x1b[31mevil",),
        ("demo", "--sins", "\x1b[31mevil"),
    ],
    ids=lambda arguments: "-".join(arguments).encode("unicode_escape").decode().replace("\\", ""),
)
def test_a_hostile_name_does_not_reach_the_terminal(terminal, project, arguments):
    shown = terminal(*arguments, cwd=project)
    assert shown.code in {2, 3}
    assert b"evil" in shown.raw
    assert b"\x1b[31mevil" not in shown.raw
    assert b"\x1b]0;" not in shown.raw


def test_a_hostile_message_of_an_application_does_not_reach_the_terminal(terminal, project):
    (project / "hostile_app.py").write_text("raise RuntimeError('\\x1b[31mevil \\x1b]0;evil\\x07')\n")
    shown = terminal("run", "hostile_app:app", cwd=project)
    assert shown.code == 3
    assert b"evil" in shown.raw
    assert b"\x1b[31mevil" not in shown.raw
    assert b"\x1b]0;" not in shown.raw


def test_colour_is_left_out_when_the_environment_says_so(nineam, finished, tmp_path):
    outcome = nineam("report", str(finished[1]), cwd=tmp_path, env={"NO_COLOR": "1"})
    assert ESCAPE not in outcome.out
