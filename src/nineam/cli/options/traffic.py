"""What is sent; one source at most."""

from nineam.cli.options.option import Theme, option

THEME = Theme(
    "Traffic (one source)",
    (
        option("--journeys", default="", metavar="FILE", help="What users do (default: ./monday.py when there)."),
        option("-f", "--locustfile", default="", metavar="FILE", help="A locustfile, run unchanged."),
        option("--openapi", default="", metavar="FILE|URL", help="The operations of an OpenAPI document."),
        option("--methods", default="", metavar="LIST", help="Which of them: get,post or all (default get)."),
        option("--har", default="", metavar="FILE", help="A recording of a browser, made again by every user."),
        option("--urls", default="", metavar="FILE", help="A list of requests, one on a line."),
        option("--access-log", default="", metavar="FILE", help="A server's log, replayed when it happened; no climb."),
        option(
            "--log-format",
            default="",
            metavar="REGEX",
            help="Its lines, with groups time, method and path, if unusual.",
        ),
        option("--speed", type=float, help="How much faster the log is replayed."),
    ),
)
