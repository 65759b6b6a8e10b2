"""What the controller wants to know about a locustfile before the load begins."""

from pathlib import Path
from typing import NamedTuple

from nineam.model import RampStage


class LocustFacts(NamedTuple):
    """What is in a locustfile.

    `host` is what its users name (empty when they name none, or different ones), `users` are the names of their
    classes, `needs` is what does not work here as in Locust, `stages` what its `LoadTestShape` asks for.
    """

    host: str
    users: tuple[str, ...]
    needs: tuple[str, ...]
    stages: tuple[RampStage, ...] = ()


def check_locustfile(path: str) -> LocustFacts:
    """Import a locustfile and look at it. Raises `UsageError` when it cannot be run."""
    from nineam.load.locust import loading, names  # noqa: PLC0415 - greenlets are only needed for locustfiles
    from nineam.load.locust.needs import needs_of  # noqa: PLC0415 - likewise
    from nineam.load.locust.notes import notes_on, shape_stages  # noqa: PLC0415 - likewise

    with names.installed():
        loaded = loading.load(path)
        source = Path(path).read_text(encoding="utf-8-sig")
        stages, unshaped = shape_stages(loaded.shape, path)
        hosts = {each.host for each in loaded.users if each.host}
        return LocustFacts(
            host=str(hosts.pop()) if len(hosts) == 1 else "",
            users=tuple(each.__name__ for each in loaded.users),
            needs=(*needs_of(source), *notes_on(loaded.users), *unshaped),
            stages=stages,
        )
