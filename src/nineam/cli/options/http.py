"""How requests travel."""

from nineam.cli.options.option import Theme, option

THEME = Theme(
    "HTTP",
    (
        option("--timeout", type=float, help="Seconds an answer may take (default 30)."),
        option("--connect-timeout", type=float, help="Seconds a connection may take."),
        option("--http2", is_flag=True, help="Speak HTTP/2."),
        option("--insecure-skip-tls-verify", is_flag=True, help="Accept any certificate."),
        option("--no-connection-reuse", is_flag=True, help="A new connection for every request."),
        option("--proxy", default="", metavar="URL", help="Send everything through a proxy."),
    ),
)
