"""How long the phases take that are nobody's business."""

from nineam.cli.options.option import Theme, option

THEME = Theme(
    "Times",
    (
        option("--localhost-time", default=5.0, hidden=True, help="Seconds of the polite phase."),
        option(
            "--capacity-time",
            type=float,
            help="Seconds that the trials of the capacity may take, when the climb broke (default 60; 0 for none).",
        ),
        option(
            "--proof-time",
            default=16.0,
            help="Seconds of the experiment between two layers that the load cannot tell apart (0: none).",
        ),
        option("--stair-time", default=4.0, hidden=True, help="Seconds of each stair."),
        option("--observer-time", default=0.9, hidden=True, help="Seconds of each on/off block; 0 for none."),
        option("--after-time", default=5.0, hidden=True, help="Seconds of the way back down."),
    ),
)
