"""What would go elsewhere, never end or break arithmetic is refused before the application starts."""

import gzip

import pytest

LOG_LINE = '1.1.1.1 - - [{}] "GET / HTTP/1.1" 200 12\n'


@pytest.fixture
def nothing_started(refused, project):
    """Refuse a run of an application that leaves a trace when it is imported."""
    (project / "traced_app.py").write_text(
        "open('started', 'w').close()\nfrom plain_asgi import app\n__all__ = ['app']\n"
    )

    def call(*arguments, says, **options):
        outcome = refused("run", "traced_app:app", *arguments, says=says, **options)
        assert not (project / "started").exists()
        return outcome

    return call


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--openapi", "http://192.0.2.1/openapi.json"),
            ("--openapi: 192.0.2.1 is not this machine", "--allow-target"),
        ),
        (("--proxy", "http://192.0.2.1:3128"), ("--proxy: 192.0.2.1 is not this machine", "--allow-target")),
        (("--proxy", "http://127.0.0.1@192.0.2.1:3128"), ("--proxy: 192.0.2.1 is not this machine",)),
        (("--proxy", "http://[::1"), ("'http://[::1' is not an address", "http://127.0.0.1:3128")),
    ],
)
def test_nobody_elsewhere_is_contacted(nothing_started, arguments, words):
    nothing_started(*arguments, says=words)


def test_a_proxy_elsewhere_needs_the_setting_as_well_as_the_flag(nothing_started):
    words = ("--proxy: 192.0.2.1 is not this machine", "allow_targets")
    nothing_started("--proxy", "http://192.0.2.1:3128", "--allow-target", "192.0.2.1", says=words)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--rate", "-1", ("--rate -1: expected more than 0", "such as 20")),
        ("--timeout", "1e308", ("--timeout 1e+308: expected at most 86,400",)),
        ("--processes", "100000", ("--processes 100,000: expected at most ", "as many as the load needs")),
        ("--threshold", "p(95)<1e999", ("too large to be compared with", "1e999")),
    ],
)
def test_a_number_beyond_its_limits_is_refused_with_the_limit(nothing_started, option, value, words):
    nothing_started(option, value, says=words, hint=not words[0].startswith("too"))


def test_an_executed_name_that_no_application_has_is_refused(nothing_started, project):
    (project / "nineam.toml").write_text('[scenarios.x]\nexecutor = "constant-vus"\nduration = "1s"\nexec = "nope"\n')
    nothing_started(says=("nineam.toml [scenarios.x]: exec 'nope' is nothing that is sent", "GET /orders"))


def test_an_executed_endpoint_that_is_not_there_is_refused_before_any_load(refused, project):
    (project / "nineam.toml").write_text(
        '[scenarios.x]\nexecutor = "constant-vus"\nduration = "1s"\nexec = "GET /no"\n'
    )
    outcome = refused(
        "run", "plain_asgi:app", says=("scenario x: exec 'GET /no' is nothing that is sent", "there is GET /")
    )
    assert "localhost" not in outcome.err


@pytest.mark.parametrize("option", ["--urls", "--openapi"])
def test_a_device_is_no_source_of_traffic(nothing_started, option):
    nothing_started(option, "/dev/zero", says=("/dev/zero is no file",))


@pytest.mark.parametrize("file", ["/nope", "plain_asgi.py"])
def test_certificates_that_are_not_there_are_named_before_anything_is_asked(refused, file):
    says = (f"SSL_CERT_FILE is '{file}', which ", "PEM")
    refused("run", "https://127.0.0.1:1", env={"SSL_CERT_FILE": file}, says=says)


def test_a_log_of_a_hundred_years_is_refused_with_the_speed_that_fits(nothing_started, project):
    ends = ("01/Jan/1990:00:00:00 +0000", "31/Dec/2090:23:59:59 +0000")
    (project / "long.log").write_text("".join(LOG_LINE.format(end) for end in ends))
    nothing_started("--access-log", "long.log", "--speed", "10", says=("spans 36,890.0 days", "24h", "--speed 36890"))


def test_a_log_format_that_backtracks_for_ever_is_given_up(nothing_started, project):
    (project / "odd.log").write_text("a" * 40 + "!\n")
    pattern = r"(?P<time>(a+)+)$(?P<method>x)(?P<path>y)"
    words = ("the log format took more than 5 s", pattern, "aaaa!")
    nothing_started("--access-log", "odd.log", "--log-format", pattern, says=words)


def test_a_packed_log_without_lines_is_given_up(nothing_started, project):
    (project / "bomb.log.gz").write_bytes(gzip.compress(bytes(1 << 27)))
    nothing_started("--access-log", "bomb.log.gz", says=("bomb.log.gz:1 has more than 64 MB, unpacked",))
