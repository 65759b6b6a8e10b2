"""Runs trials one after the other. A failure has to be seen twice; a fault that touched nobody proves nothing."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from nineam.errors import ApplicationError
from nineam.model.trial import Dependency, Outcome, Result, TrialResult
from nineam.trials.lab import HEALTHY, Lab
from nineam.trials.scout import Scouted
from nineam.trials.trial import Measured, NotApplicableError, NotRunError, Trial

FAILURES = 2
MOST_TURNED_AWAY = 0.1
"""The share of requests that may get 429 before a failure says more about a limit than about the fault."""
MOST_ATTEMPTS = 3
TEARDOWN_S = 4.0
"""What an attempt that is cut off takes to end its application, and what comes after the last one."""
TIME_IS_UP = "the time was up{}; --time says how long all of it may take"
Hear = Callable[[TrialResult], None]


@dataclass
class Case:
    """A trial of one dependency (or of none): what its attempts came to until now, its result once that is known."""

    trial: Trial
    name: str
    dependency: Dependency | None
    seen: list[Measured] = field(default_factory=list)
    took_s: float = 0.0
    longest_s: float = 0.0
    result: TrialResult | None = None

    def settle(self, result: Result, sentence: str) -> None:
        """Say what came out without an attempt that counts."""
        self.result = TrialResult(name=self.name, title=self.trial.title, result=result, sentence=sentence)


async def run_trials(scouted: Scouted, trials: Sequence[Trial], budget_s: float, hear: Hear) -> tuple[TrialResult, ...]:
    """Run each trial, for each dependency that it is about; `hear` is told of every result as soon as it is known.

    All of it ends within `budget_s` seconds. Every trial is tried once before any is tried again, those first for which
    chance is the least likely reason. What no longer fits is not run, which its result says.
    """
    deadline = time.monotonic() + budget_s
    cases = [Case(trial, name, dependency) for trial in trials for name, dependency in _subjects(scouted, trial)]
    for case in cases:
        if (missing := _missing(scouted, case.trial, case.dependency)) is not None:
            case.settle(*missing)
    postponed = []
    try:
        for case in cases:
            if case.result is None:
                await _try(scouted.lab, case, deadline)
            if case.result is None:
                postponed.append(case)
            else:
                hear(case.result)
        for case in sorted(postponed, key=_chance):
            while case.result is None and await _try(scouted.lab, case, deadline):
                pass
    finally:  # an interruption too leaves what was seen once
        for case in postponed:
            case.result = case.result or _result(case, unrepeated=True)
            hear(case.result)
    return tuple(case.result for case in cases if case.result is not None)


def _subjects(scouted: Scouted, trial: Trial) -> Iterator[tuple[str, Dependency | None]]:
    """Give the dependencies that a trial is about, with the name of its result for each."""
    if not trial.role:
        yield trial.name, None
        return
    lab = scouted.lab
    fitting = [each for each in lab.leading.dependencies if trial.role in ("any", each.role)]
    touched = [each for each in fitting if lab.touching(each)] or fitting
    if trial.role == "any":
        touched = sorted(touched, key=lambda each: each.role != "database")[:1]
    for each in touched:
        yield (trial.name if len(touched) == 1 else f"{trial.name}:{each.name}"), each
    if not touched:
        yield trial.name, None


def _missing(scouted: Scouted, trial: Trial, dependency: Dependency | None) -> tuple[Result, str] | None:
    """Say why a trial cannot be made; None when it can."""
    if trial.role and dependency is None:
        why = scouted.refused.get(trial.role, "")
        return ("not-run", why) if why else ("not-applicable", f"no {_noun(trial.role)} of it is known")
    if dependency is not None and not scouted.lab.touching(dependency):
        hint = (
            "read its address from a variable, or send requests that need it; who connects in C (pycurl) goes past it"
        )
        beyond = scouted.lab.beyond
        which = f": one of the {beyond} that were left out may be the one" if beyond else ""
        told = f"{dependency.name} ({', '.join(dependency.sources)})"
        return "not-run", f"no request reached {told} through the proxy{which}; {hint}"
    return None


def _chance(case: Case) -> tuple[bool, float]:
    """Give a key by which those come first that failed clearly, and those last whose attempt did not count."""
    last = case.seen[-1]
    return last.holds is not False, -last.beyond


async def _try(lab: Lab, case: Case, deadline: float) -> bool:
    """Try once, if that would end before the `deadline`; whether it was tried. An attempt that lasts is cut off."""
    now = time.monotonic()
    if now + (case.longest_s if case.seen else case.trial.seconds) > deadline:
        if not case.seen:
            case.settle("not-run", TIME_IS_UP.format(""))
        return False
    lab.say(f"{case.name}: {case.trial.title.lower()}{' (again)' if case.seen else ''}")
    await _attempt(lab, case, deadline - now - TEARDOWN_S)
    case.longest_s = max(case.longest_s, time.monotonic() - now)
    case.took_s += time.monotonic() - now
    if case.result is None and _enough(case.seen):
        case.result = _result(case)
    return True


async def _attempt(lab: Lab, case: Case, limit_s: float) -> None:
    """Make one attempt, of at most so many seconds."""
    try:
        async with asyncio.timeout(limit_s) as limit:
            lab.course = None
            measured = _doubted(await case.trial.run(lab, case.dependency))
            case.seen.append(msgspec.structs.replace(measured, course=lab.course))
    except TimeoutError:
        if not limit.expired():
            raise
        if case.seen:
            case.result = _result(case, unrepeated=True)
        else:
            case.settle("not-run", TIME_IS_UP.format(" in the middle of it"))
    except NotApplicableError as reason:
        case.settle("not-applicable", str(reason))
    except NotRunError as reason:
        case.settle("not-run", str(reason))
    except ApplicationError as problem:
        case.settle("inconclusive", f"the application did not start for it: {problem.message}")


def _enough(seen: Sequence[Measured]) -> bool:
    """Whether the gate has held, has failed twice (in one attempt, too), or cannot be judged.

    What this machine was too busy for is tried again.
    """
    proof = seen[-1].generator_proof
    late = not (proof.get("trustworthy", True) and proof.get("calm", True))
    failures = _failures(seen)
    undecided = seen[-1].holds is None and not late
    return bool(seen[-1].holds) or failures >= FAILURES or undecided or len(seen) == MOST_ATTEMPTS


def _failures(seen: Sequence[Measured]) -> int:
    return sum(1 + each.twice for each in seen if each.holds is False)


def _unrepeated(measured: Measured) -> Measured:
    if measured.holds is None:
        return measured
    sentence = f"failed once, and there was no time to see it again: {measured.sentence}"
    return msgspec.structs.replace(measured, holds=None, sentence=sentence)


def touched(proof: Mapping[str, Any]) -> bool:
    """Whether there is any proof that a fault was met."""
    return bool(proof.get("times") or proof.get("kept_away"))


def _doubted(measured: Measured) -> Measured:
    """Say that nobody can tell where the proof is missing: of the fault, of the load, or of the calm before it."""
    doubt = ""
    if not touched(measured.fault_proof):
        doubt = "the fault touched nothing, so whatever was seen proves nothing"
    elif not measured.generator_proof.get("trustworthy", True):
        slip = measured.generator_proof.get("slip_p99_ms", 0)
        doubt = f"requests were sent up to {slip:g} ms late: this machine was too busy to measure"
    elif not measured.generator_proof.get("calm", True):
        doubt = "requests queued up before anything happened: it did not carry them just then"
    elif measured.holds is False and measured.generator_proof.get("turned_away", 0.0) > MOST_TURNED_AWAY:
        share = measured.generator_proof["turned_away"]
        doubt = f"the application limits how often one address may ask: {share:.0%} got 429; lift the limit for this"
    elif measured.evidence.get("control_success", 1.0) < HEALTHY:
        share = measured.evidence["control_success"]
        doubt = f"only {share:.0%} of the requests succeeded before anything happened"
    if not doubt:
        return measured
    return msgspec.structs.replace(measured, holds=None, sentence=f"{doubt} ({measured.sentence})")


def _result(case: Case, *, unrepeated: bool = False) -> TrialResult:
    failed = [each for each in case.seen if each.holds is False]
    seen = [_unrepeated((failed or case.seen)[-1])] if unrepeated else case.seen
    failed = [each for each in seen if each.holds is False]
    failing = _failures(seen) >= FAILURES
    last = failed[-1] if failing else seen[-1]
    once = bool(failed) and last.holds is True
    result: Result = "pass" if last.holds and not failed else "fail" if failing else "inconclusive"
    sentence = f"failed once and held once: {failed[0].sentence}; {last.sentence}" if once else last.sentence
    # of an attempt whose gate held the cause would be a rumour
    told = failed[0] if once else last
    cause, fix = ("", "") if result == "pass" else (told.cause, told.fix)
    common = {each: getattr(last, each) for each in Outcome.__struct_fields__}
    return TrialResult(
        name=case.name,
        title=case.trial.title,
        result=result,
        attempts=len(case.seen),
        seconds=round(case.took_s, 1),
        **common | {"sentence": sentence, "cause": cause, "fix": fix},
    )


def _noun(role: str) -> str:
    return {"http": "HTTP dependency", "any": "dependency"}.get(role, role)
