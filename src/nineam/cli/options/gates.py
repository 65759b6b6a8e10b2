"""What decides about pass and fail."""

from nineam.cli.options.option import Theme, option

THEME = Theme(
    "Gates",
    (
        option("--slo", default="", metavar="EXPR", help="The objective of every stair (default p(95)<500)."),
        option(
            "--threshold",
            "thresholds",
            multiple=True,
            metavar="EXPR",
            help="A gate in k6's grammar; exit code 99 when it fails.",
        ),
        option("--abort-on-fail", is_flag=True, help="Stop the load as soon as a threshold fails."),
        option("--suspect", default="", metavar="TEXT", help="Where you think it is slow; the report answers."),
    ),
)
