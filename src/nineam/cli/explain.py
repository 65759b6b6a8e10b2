"""`nineam explain`: the documentation that each detector carries."""

import click

from nineam.diagnose.detectors import DETECTORS
from nineam.errors import UsageError, nearest


@click.command()
@click.argument("code", required=False, metavar="[CODE]")
def command(code: str | None) -> int:
    """Explain a finding: what it means, why it hurts, how it is detected, how it is fixed. Without CODE: list them."""
    if code is None:
        width = max(len(detector.CODE) for detector in DETECTORS)
        for detector in DETECTORS:
            click.echo(f"{detector.CODE:<{width}}  {detector.TITLE}")
        return 0
    click.echo(explanation(code))
    return 0


def explanation(code: str) -> str:
    """Return a detector's documentation; raises UsageError with the nearest code."""
    for detector in DETECTORS:
        if code == detector.CODE:
            return f"# {detector.CODE}: {detector.TITLE}\n\n{detector.__doc__}".rstrip()
    codes = [detector.CODE for detector in DETECTORS]
    close = nearest(code, codes)
    raise UsageError(
        f"no finding is called {code!r}" + (f"; did you mean {close}?" if close else ""),
        hint=f"the codes are {', '.join(codes)}",
    )
