"""An option that cannot be meant is refused before anything starts, with the spot and what was expected."""

import pytest

TARGET = "plain_asgi:app"


def caret_under(text, spot, err):
    """Whether a caret stands in the line below `text`, under its first `spot`."""
    lines = err.splitlines()
    at = next(index for index, line in enumerate(lines) if line.strip() == text)
    column = lines[at].index(text) + text.index(spot)
    return lines[at + 1][column : column + 1] == "^" and not lines[at + 1][:column].strip()


def test_an_unknown_metric_is_refused_with_the_nearest_one_and_a_caret(refused):
    text = "http_req_durashun p(95)<500"
    outcome = refused(
        "run", TARGET, "--threshold", text, says=("'http_req_durashun' is no metric", "http_req_duration?")
    )
    assert caret_under(text, "http_req_durashun", outcome.err)


@pytest.mark.parametrize(
    ("text", "spot", "expected"),
    [
        ("http_req_duration p(95<500", "<", "expected ')'"),
        ("http_req_duration p(950)<500", "950", "between 0 and 100"),
        ("http_req_duration p(95)<500ms", "ms", "did not expect 'ms'"),
    ],
)
def test_a_threshold_that_is_no_threshold_has_a_caret_under_the_spot(refused, text, spot, expected):
    outcome = refused("run", TARGET, "--threshold", text, says=(expected,), hint=False)
    assert caret_under(text, spot, outcome.err)


@pytest.mark.parametrize("slo", ["http_req_failed rate<0.1", "p(95)>500", "p(95)<500,p(99)<900"])
def test_an_objective_that_is_no_percentile_below_a_limit_is_refused(refused, slo):
    refused("run", TARGET, "--slo", slo, says=(f"--slo {slo!r}", "expected one percentile", "p(95)<500"))


def test_an_objective_with_bad_grammar_has_a_caret_under_the_spot(refused):
    outcome = refused("run", TARGET, "--slo", "p(95)!500", says=("expected a comparison",))
    assert caret_under("p(95)!500", "!", outcome.err)


def test_users_and_a_rate_exclude_each_other(refused):
    refused("run", TARGET, "--users", "3", "--rate", "4", says=("--users and --rate exclude each other",))


def test_a_duration_needs_a_load(refused):
    refused("run", TARGET, "--duration", "3s", says=("--duration needs a load", "--users or --rate"))


@pytest.mark.parametrize("duration", ["3x", "s", "-3s"])
def test_a_duration_that_is_none_is_refused(refused, duration):
    refused("run", TARGET, "--rate", "3", "--duration", duration, says=(f"--duration {duration!r}", "30s"))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--users", "nine"),
        ("--users", "0"),
        ("--rate", "-1"),
        ("--rate", "nan"),
        ("--rate", "inf"),
        ("--port", "70000"),
    ],
)
def test_a_number_that_is_none_or_out_of_range_is_refused(refused, option, value):
    refused("run", TARGET, option, value, says=(option, value), hint=False)


def test_an_unknown_option_is_refused_with_the_nearest_one(refused):
    refused("run", TARGET, "--treshold", "x", says=("--treshold", "--threshold"), hint=False)


def test_a_misspelt_command_is_refused_with_the_nearest_one(refused):
    refused("rnu", says=("no command 'rnu'", "did you mean run?"), hint=False)


def test_a_misspelt_finding_is_refused_with_the_nearest_one(refused):
    refused("explain", "n-plus-on", says=("'n-plus-on'", "did you mean n-plus-one?", "slow-serializer"))


def test_a_misspelt_sin_is_refused_with_the_nearest_one(refused):
    refused("demo", "--sins", "n-plus-won", says=("no sin 'n-plus-won'", "did you mean 'n-plus-one'?"))


@pytest.mark.parametrize(
    ("command", "option"), [(("run", TARGET), "--json"), (("report", "no.db"), "--html"), (("demo",), "--json")]
)
def test_a_file_in_a_missing_directory_is_refused_before_the_run(refused, command, option):
    refused(*command, option, "nowhere/x.out", says=(f"{option} nowhere/x.out", "no directory nowhere", "create it"))


def test_a_directory_where_a_file_belongs_is_refused(refused, project):
    refused("run", TARGET, "--json", str(project), says=("is a directory",))


def test_an_out_that_is_a_file_is_refused(refused, project):
    refused("run", TARGET, "--out", str(project / "plain_asgi.py"), says=("plain_asgi.py",))


def test_a_folder_that_is_not_there_is_refused(refused):
    refused("run", TARGET, "--cwd", "nowhere", says=("--cwd nowhere", "no such directory"), hint=False)


def test_a_variable_without_a_value_is_refused(refused):
    refused("run", TARGET, "--env", "DEBUG", says=("--env 'DEBUG'", "expected KEY=VALUE"), hint=False)


def test_help_of_every_command_names_its_options(nineam, tmp_path):
    for command, word in (("run", "--threshold"), ("demo", "--sins"), ("report", "--junit"), ("explain", "[CODE]")):
        outcome = nineam(command, "--help", cwd=tmp_path)
        assert outcome.code == 0
        assert word in outcome.out
        assert outcome.err == ""


def test_every_finding_has_an_explanation(nineam, tmp_path):
    listed = nineam("explain", cwd=tmp_path)
    codes = [line.split()[0] for line in listed.out.splitlines()]
    assert "n-plus-one" in codes
    for code in codes:
        explained = nineam("explain", code, cwd=tmp_path)
        assert explained.code == 0
        assert explained.out.startswith(f"# {code}: ")
        assert len(explained.out.splitlines()) > 3
