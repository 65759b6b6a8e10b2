"""A lab without an application: time passes only when a trial waits, and requests get what a script says."""

import contextlib
from types import SimpleNamespace

from nineam.model.trial import Dependency
from nineam.trials.meeting import Meeting, Recovery
from nineam.trials.servers import UNKNOWN
from nineam.trials.trial import Pace
from nineam.trials.window import Sample, Window, between, recovery_s

DATABASE = Dependency(name="database", role="database", kind="postgresql", host="localhost", port=5432)
NAME = "GET /"


class Player:
    """Sends at its rate; `script` says for the instant of a request how long it takes (None: for ever), and what."""

    def __init__(self, session, script):
        self._session, self._script = session, script
        self._rate, self._sent = 0.0, []

    @property
    def rate(self):
        return self._rate

    @rate.setter
    def rate(self, rate):
        self._rate = rate

    def start(self, rate):
        self._rate = rate

    def passed(self, begin, end):
        count = round((end - begin) * self._rate)
        self._sent += [begin + number / self._rate for number in range(count)]

    def samples(self):
        return [self._sample(at) for at in self._sent]

    def between(self, begin, end):
        return between(self.samples(), begin, end, self._session.now())

    def _sample(self, at):
        takes, status = self._script(at)
        ended = takes is not None and at + takes <= self._session.now()
        end = at + takes if ended else None
        return Sample(NAME, at, end, status if ended else 0, "timeout" if ended and not status else "")


class Session:
    def __init__(self, lab, script):
        self.lab, self.instant, self.control_window = lab, 0.0, Window((), 0.0)
        self.player = Player(self, script)
        self.app = SimpleNamespace(tail=lambda _: ())
        self.ended, self.dies_at, self.troubles = 0, None, []

    def now(self):
        return self.instant

    def died(self):
        return "exit code 3" if self.dies_at is not None and self.instant >= self.dies_at else ""

    def ended_workers(self):
        return self.ended

    def proof(self):
        return {"trustworthy": True}

    async def wait(self, duration_s):
        begin, self.instant = self.instant, self.instant + duration_s
        self.player.passed(begin, self.instant)

    async def control(self, rate=0.0, names=()):
        self.player.start(rate or self.lab.rate)
        begin = self.now()
        await self.wait(self.lab.pace.control_s)
        self.control_window = self.player.between(begin, self.now() - 0.5)
        return self.control_window

    @contextlib.asynccontextmanager
    async def fault(self, dependency, name, **parameters):
        meeting = Meeting(began=self.now())
        yield meeting
        meeting.ended = self.now()
        self.lab.healed.append((name, parameters, self.now()))

    async def recovery(self, healed, watch_s=0.0, *, decided=False):
        watch_s, width_s = watch_s or self.lab.pace.watch_s, self.lab.pace.width_s
        while self.now() - healed <= watch_s + width_s:
            recent = [each for each in self.player.samples() if each.at >= healed]
            found = recovery_s(recent, healed, self.control_window, self.now(), width_s)
            if found is not None:
                return Recovery(recovered=True, seconds=found)
            await self.wait(0.25)
        return Recovery(recovered=False, seconds=None, watched_s=watch_s, cut_short=decided)


class Lab:
    """What trials ask a lab for; `script` as a player has it."""

    def __init__(self, script, *, server=UNKNOWN, ended=0, rate=10.0, knee=100.0, dies_at=None, facts=(), opens=0):
        self.pace, self.rate, self.knee, self.boot_s = Pace(), rate, knee, 1.0
        self.server, self.base_url, self.healed = server, "http://127.0.0.1:1", []
        self.subject = SimpleNamespace(url=self.base_url)
        self.proxy = SimpleNamespace(apply=lambda *_, **__: None, heal=self._heal)
        self._facts, self._opens = facts, opens
        self._made = Session(self, script)
        self._made.ended, self._made.dies_at = ended, dies_at

    def _heal(self, name, **_):
        self.healed.append((name, {}, self._made.now()))
        return ()

    def touching(self, dependency):
        return (NAME,)

    def facts(self, dependency):
        return self._facts

    def counts(self, dependency):
        """Some connections are opened once a fault is over."""
        return SimpleNamespace(connections=3 + (self._opens if self.healed else 0))

    @contextlib.asynccontextmanager
    async def session(self, **_):
        yield self._made
