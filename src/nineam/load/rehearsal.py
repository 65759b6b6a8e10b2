"""Goes through every journey once, without thinking, and keeps what it asks for, with the cookies it has then."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from nineam import script
from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.http import Client
from nineam.load.journeys import describe_problem, load_journeys, resolved
from nineam.load.response import Response
from nineam.load.users import User
from nineam.model import RequestSpec

KEPT = ("GET", "HEAD")
"""What asks only; the rest is sent once, where the journey sends it (a login, say)."""
LONGEST_S = 20.0
PATIENCE_S = 10.0


class Rehearsal(NamedTuple):
    """One request for each endpoint that answered well, and what became of journeys that did not come to their end."""

    requests: tuple[RequestSpec, ...]
    notices: tuple[str, ...]


async def rehearse(journeys_file: str, base_url: str, seed: int) -> Rehearsal:
    """Play every journey of a file once. Raises UsageError for a file, or an address, that cannot be used."""
    stage = _Stage(base_url, resolved(journeys_file), seed)
    notices = []
    try:
        for journey in load_journeys(journeys_file):
            if problem := await stage.play(journey):
                notices.append(f"journey {journey.name} did not come to its end: {problem}; what it had asked is sent")
    finally:
        stage.close()
    return Rehearsal(tuple(stage.notebook.kept.values()), tuple(notices))


class _Notebook(Collector):
    """Keeps what was asked, by endpoint: the last that was answered, or a redirect where nothing better was."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, RequestSpec] = {}

    def record(self, response: Response) -> None:
        """Keep a request that only asks, and was answered well."""
        asked = response.outgoing
        if asked.method not in KEPT or not 200 <= response.status < 400:
            return
        if response.status < 300 or asked.name not in self.kept:
            headers = (*asked.headers.items(), *_pairs(response.extra))
            self.kept[asked.name] = RequestSpec(method=asked.method, path=asked.path, name=asked.name, headers=headers)


class _Hurried(User):
    """A user who does not stop to think."""

    async def think(self, shortest: float, longest: float | None = None) -> None:  # noqa: ARG002 - as a journey calls it
        """Let others have their turn."""
        await asyncio.sleep(0)


class _Stage:
    """What users need around them; no load."""

    def __init__(self, base_url: str, journeys_file: str, seed: int) -> None:
        self.notebook = _Notebook()
        self.client = Client(base_url, timeout_s=PATIENCE_S, mark_requests=False)
        self.client.sweep()
        self.shared_lane = self.client.lane(shared=True)
        self.collector: Collector = self.notebook
        self.alarm = Alarm(asyncio.get_running_loop())
        self.ending = False
        self.journeys_file = journeys_file
        self.seed = seed
        self._users = 0

    async def play(self, journey: script.Journey) -> str:
        """Play a journey with a user of its own; how it failed, empty when it did not.

        There is no teardown: it might log the user out, whose cookies are still needed.
        """
        self._users += 1
        user = _Hurried(self, self._users)
        try:
            async with asyncio.timeout(LONGEST_S):
                await asyncio.create_task(_played(journey, user))
        except TimeoutError:
            return f"it takes longer than {LONGEST_S:g} s"
        except Exception as error:  # noqa: BLE001 - a journey may raise whatever it likes
            message, where = describe_problem(error, self.journeys_file)
            return f"{message} ({where})" if where else message
        finally:
            user.shut_out()
        return ""

    def close(self) -> None:
        """Close everything."""
        self.alarm.close()
        self.client.close()


async def _played(journey: script.Journey, user: User) -> None:
    script.current_user.set(user)
    if journey.setup is not None:
        await journey.setup(user)
    await journey.function(user)


def _pairs(lines: bytes) -> Iterable[tuple[str, str]]:
    """Take header lines apart."""
    for line in lines.decode("latin-1").splitlines():
        name, _, value = line.partition(": ")
        yield name, value
