"""How long the phases take that are nobody's business."""

from nineam.cli.options.option import Theme, option

THEME = Theme(
    "Times",
    (
        option("--localhost-time", default=5.0, hidden=True, help="Seconds of the polite phase."),
        option("--stair-time", default=4.0, hidden=True, help="Seconds of each stair."),
        option("--observer-time", default=0.9, hidden=True, help="Seconds of each on/off block; 0 for none."),
        option("--after-time", default=5.0, hidden=True, help="Seconds of the way back down."),
    ),
)
