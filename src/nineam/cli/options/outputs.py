"""What is written, and where."""

from collections.abc import Mapping
from typing import Any

from nineam.cli.options.option import Option, Theme, option


def summaries(document: str, cases: str) -> tuple[Option, ...]:
    """Give the options of a command that writes a document of its own; `cases` are those of its JUnit file."""
    return (
        option("--json", "json_file", metavar="FILE", help=f"Write {document} (- for standard output)."),
        option("--html", metavar="FILE", help="Write a self-contained page."),
        option("--junit", metavar="FILE", help=f"Write every {cases} as a test case."),
        option("--markdown", metavar="FILE", help="Write a summary for a pull request."),
    )


SUMMARIES = {"json": "json_file", "html": "html", "junit": "junit", "markdown": "markdown"}
"""Which parameter names the file of each of these."""

WRITTEN: tuple[Option, ...] = (
    option("--json", "json_file", metavar="FILE", help="Write the run document (- for standard output)."),
    option("--html", metavar="FILE", help="Write a self-contained page."),
    option("--junit", metavar="FILE", help="Write thresholds, checks and findings as test cases."),
    option("--markdown", metavar="FILE", help="Write a summary for a pull request."),
    option("--k6-summary", metavar="FILE", help="Write k6's machine-readable summary."),
    option("--csv", metavar="PREFIX", help="Write Locust's four CSV files."),
    option("--json-lines", metavar="FILE", help="Write every interval's numbers, as k6 --out json does."),
    option("--speedscope", metavar="FILE", help="Write the flamegraphs for speedscope."),
    option("--folded", metavar="FILE", help="Write folded stacks, for flamegraph.pl and others."),
    option("--pprof", metavar="FILE", help="Write a pprof profile."),
    option("--prometheus", metavar="URL", help="Push to a Prometheus remote write endpoint."),
    option("--otlp", metavar="URL", help="Push to an OpenTelemetry collector, over HTTP."),
    option("--out", default=".nineam", show_default=True, metavar="DIR", help="Where runs are kept."),
)
"""Those that `report` has as well."""

THEME = Theme("Outputs", (*WRITTEN, option("-q", "--quiet", is_flag=True, help="Only the verdict.")))

FILES = {
    "html": "html",
    "json": "json_file",
    "junit": "junit",
    "markdown": "markdown",
    "k6-summary": "k6_summary",
    "csv": "csv",
    "json-lines": "json_lines",
    "speedscope": "speedscope",
    "folded": "folded",
    "pprof": "pprof",
}
"""Which parameter names the file of each format."""

EXPORTS = {"prometheus": "prometheus", "otlp": "otlp"}
"""Which parameter names the address of each destination."""


def taken(given: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, str]:
    """Take parameters out of what was given; returns those that were said, by format or destination."""
    said = {name: given.pop(parameter) for name, parameter in parameters.items()}
    return {name: str(value) for name, value in said.items() if value is not None}
