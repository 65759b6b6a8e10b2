"""The overhead bench as text, verdicts and data."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.outcomes import Outcome, Verdict
from benchmarks.overhead.applications import Application
from benchmarks.overhead.blocks import Round
from benchmarks.overhead.interpreter import Interpreter
from benchmarks.overhead.sampling import Sampled
from benchmarks.overhead.watchers import NINEAM, NOTHING, Watcher
from benchmarks.tables import Spread, markdown, range_of, spread

SAMPLING_PERCENT = 0.5
HEADER = ["", "us/request", "more, us", "more, %", "outside, us", "what it saw of one request"]


class Compared(NamedTuple):
    """One application: requests in a block, what each watcher saw of one request, and its rounds."""

    count: int
    proofs: dict[str, dict[str, int]]
    rounds: dict[str, list[Round]]

    def costs(self, name: str) -> Spread:
        """Give the spread of CPU microseconds per request."""
        return spread([one.cpu_us for one in self.rounds[name]])

    def more(self, name: str) -> Spread:
        """Give the spread of the rounds' differences to nobody watching, in microseconds per request."""
        pairs = zip(self.rounds[name], self.rounds[NOTHING], strict=True)
        return spread([one.cpu_us - other.cpu_us for one, other in pairs])

    def beside(self, name: str, other: str) -> Spread:
        """Give the spread of the ratios of what two watchers add, their own processes counted in."""
        pairs = zip(self._added(name), self._added(other), strict=True)
        return spread([mine / theirs for mine, theirs in pairs])

    def _added(self, name: str) -> list[float]:
        pairs = zip(self.rounds[name], self.rounds[NOTHING], strict=True)
        return [one.cpu_us + one.outside_us - nothing.cpu_us for one, nothing in pairs]

    def percent(self, name: str) -> Spread:
        """Give the spread of the rounds' differences to nobody watching, in percent of the latter."""
        pairs = zip(self.rounds[name], self.rounds[NOTHING], strict=True)
        return spread([100 * (one.cpu_us / other.cpu_us - 1) for one, other in pairs])


class Found(NamedTuple):
    """Everything that was measured, and what could not be."""

    python: Interpreter
    asked: Sequence[Watcher]
    watchers: Sequence[Watcher]
    missing: dict[str, str]
    compared: Sequence[tuple[Application, Compared]]
    sampled: Sequence[Sampled]


def outcome(found: Found) -> Outcome:
    """Give lines, verdicts and data."""
    lines = [_how(found), "", *_who(found)]
    for application, compared in found.compared:
        lines += ["", *_table(application, compared)]
    if found.sampled:
        lines += ["", *_sampling(found.sampled)]
    shares = _others([one.rounds for _, one in found.compared] + [one.rounds for one in found.sampled])
    if shares:
        lines += ["", f"Others took {spread(shares).median:.0%} of the applications' core (at most {max(shares):.0%})."]
    lines += [f"{name}: skipped, {reason}" for name, reason in found.missing.items()]
    return Outcome(lines, _verdicts(found), _data(found))


def _how(found: Found) -> str:
    return (
        "CPU time per request of the application's processes, all threads; servers of all watchers run at once on one "
        "core and are asked in turn, forth and back, in blocks of the same number of requests. "
        f"Applications run on Python {found.python.version}. Median (min - max) of the rounds; differences are taken "
        "within a round. `outside` is what a program takes that watches from outside, on the other core."
    )


def _others(measured: Sequence[dict[str, list[Round]]]) -> list[float]:
    """Give the shares that others took of the core, block by block."""
    return [block.others for rounds in measured for mine in rounds.values() for one in mine for block in one]


def _who(found: Found) -> list[str]:
    rows = [[f"{one.name} {found.python.version_of(one)}".strip(), one.sees] for one in found.watchers]
    return markdown(["", "sees"], rows)


def _table(application: Application, compared: Compared) -> list[str]:
    rows = [_row(name, compared) for name in compared.rounds]
    rounds = len(next(iter(compared.rounds.values())))
    return [
        f"### {application.name}",
        "",
        f"{application.does}. {rounds} rounds, two blocks of {compared.count} requests each.",
        "",
        *markdown(HEADER, rows),
    ]


def _row(name: str, compared: Compared) -> list[str]:
    saw = ", ".join(f"{what.replace('_', ' ')} {number}" for what, number in compared.proofs[name].items())
    cost = range_of(compared.costs(name))
    if name == NOTHING:
        return [name, cost, "", "", "", saw]
    outside = spread([one.outside_us for one in compared.rounds[name]])
    beside = range_of(outside) if outside.most else ""
    return [name, cost, range_of(compared.more(name)), range_of(compared.percent(name)), beside, saw]


def _sampling(sampled: Sequence[Sampled]) -> list[str]:
    rows = [[one.pace.does, f"{one.pace.rate:g}", range_of(one.core()), range_of(one.shares(), 2)] for one in sampled]
    return [
        "### sampling",
        "",
        "The same requests at a fixed rate, with the sampler and without it, as shares of a core.",
        "",
        *markdown(["", "requests/s", "without, % of a core", "more with it, % of a core"], rows),
    ]


def _verdicts(found: Found) -> list[Verdict]:
    verdicts = []
    for application, compared in found.compared:
        if NINEAM in compared.rounds:
            verdicts += [*_targets(application, compared), *_cheaper(application, compared)]
    for one in found.sampled:
        shares, target = one.shares(), f"sampling, {one.pace.does}: under {SAMPLING_PERCENT:g} % of a core"
        verdicts.append(Verdict(target, range_of(shares, 2), shares.median < SAMPLING_PERCENT))
    return verdicts


def _targets(application: Application, compared: Compared) -> list[Verdict]:
    more, percent, verdicts = compared.more(NINEAM), compared.percent(NINEAM), []
    if application.target_us is not None:
        target = f"{application.name}: nineam adds at most {application.target_us:g} us to a request"
        verdicts.append(Verdict(target, range_of(more), more.median <= application.target_us))
    if application.target_percent is not None:
        target = f"{application.name}: nineam adds at most {application.target_percent:g} % to a request"
        verdicts.append(Verdict(target, range_of(percent), percent.median <= application.target_percent))
    return verdicts


def _cheaper(application: Application, compared: Compared) -> list[Verdict]:
    """Judge nineam beside each of the others, none of which sees as much."""
    verdicts = []
    for name in compared.rounds:
        if not name.startswith(NINEAM) and name != NOTHING:
            part = compared.beside(NINEAM, name)
            target, shown = f"{application.name}: nineam adds less than {name}", f"{range_of(part, 2)} of it"
            verdicts.append(Verdict(target, shown, 0 <= part.median < 1))
    return verdicts


def _data(found: Found) -> dict[str, object]:
    return {
        "python": found.python.version,
        "versions": {one.name: found.python.version_of(one) for one in found.watchers},
        "modules": found.python.modules,
        "skipped": found.missing,
        "applications": {application.name: _numbers(compared) for application, compared in found.compared},
        "sampling": [
            {**one.pace._asdict(), "percent_of_a_core": one.shares()._asdict(), "rounds": _rounds(one.rounds)}
            for one in found.sampled
        ],
    }


def _numbers(compared: Compared) -> dict[str, object]:
    return {
        "requests": compared.count,
        "saw": compared.proofs,
        "more_us": {name: compared.more(name)._asdict() for name in compared.rounds},
        "more_percent": {name: compared.percent(name)._asdict() for name in compared.rounds},
        "rounds": _rounds(compared.rounds),
    }


def _rounds(rounds: dict[str, list[Round]]) -> dict[str, list[dict[str, object]]]:
    return {
        name: [{"forth": one.forth._asdict(), "back": one.back._asdict()} for one in mine]
        for name, mine in rounds.items()
    }
