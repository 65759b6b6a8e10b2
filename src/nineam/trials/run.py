"""Runs trials one after the other. A failure has to be seen twice; a fault that touched nobody proves nothing."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from nineam.errors import ApplicationError
from nineam.model.trial import Dependency, Result, TrialResult
from nineam.trials.lab import HEALTHY, Lab
from nineam.trials.scout import Scouted
from nineam.trials.trial import Measured, NotApplicableError, NotRunError, Trial

FAILURES = 2
MOST_TURNED_AWAY = 0.1
"""The share of requests that may get 429 before a failure says more about a limit than about the fault."""
MOST_ATTEMPTS = 3
Hear = Callable[[TrialResult], None]


async def run_trials(scouted: Scouted, trials: Sequence[Trial], budget_s: float, hear: Hear) -> tuple[TrialResult, ...]:
    """Run each trial, for each dependency that it is about; `hear` is told of every result at once.

    Trials that no longer fit into `budget_s` seconds are not run, which their results say.
    """
    began = time.monotonic()
    results: list[TrialResult] = []
    for trial in trials:
        for name, dependency in _subjects(scouted, trial):
            left = budget_s - (time.monotonic() - began)
            missing = _missing(scouted, trial, dependency)
            if missing is not None:
                result = _without(trial, name, *missing)
            elif trial.seconds > left:
                result = _without(trial, name, "not-run", "the time was up; --time says how long all of it may take")
            else:
                result = await _one(scouted, trial, name, dependency, began + budget_s)
            results.append(result)
            hear(result)
    return tuple(results)


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


async def _one(
    scouted: Scouted, trial: Trial, name: str, dependency: Dependency | None, deadline: float
) -> TrialResult:
    began = time.monotonic()
    scouted.lab.say(f"{name}: {trial.title.lower()}")
    try:
        seen = await _attempts(scouted.lab, trial, dependency, deadline)
    except NotApplicableError as reason:
        return _without(trial, name, "not-applicable", str(reason))
    except NotRunError as reason:
        return _without(trial, name, "not-run", str(reason))
    except ApplicationError as problem:
        return _without(trial, name, "inconclusive", f"the application did not start for it: {problem.message}")
    return _result(trial, name, seen, time.monotonic() - began)


def _missing(scouted: Scouted, trial: Trial, dependency: Dependency | None) -> tuple[Result, str] | None:
    """Say why a trial cannot be made; None when it can."""
    if trial.role and dependency is None:
        why = scouted.refused.get(trial.role, "")
        return ("not-run", why) if why else ("not-applicable", f"no {_noun(trial.role)} of it is known")
    if dependency is not None and not scouted.lab.touching(dependency):
        hint = f"read its address from a variable ({', '.join(dependency.sources)}), or send requests that need it"
        return "not-run", f"no request reached {dependency.name} through the proxy; {hint}"
    return None


async def _attempts(lab: Lab, trial: Trial, dependency: Dependency | None, deadline: float) -> list[Measured]:
    """Try until the gate holds, has failed twice, or cannot be judged; or there is no time to see it fail again.

    An attempt in which requests were sent late is made again, as long as there is time.
    """
    seen: list[Measured] = []
    while len(seen) < MOST_ATTEMPTS:
        began = time.monotonic()
        seen.append(_doubted(await trial.run(lab, dependency)))
        took = time.monotonic() - began
        late = not seen[-1].generator_proof.get("trustworthy", True)
        failed = [each for each in seen if each.holds is False]
        if seen[-1].holds or len(failed) == FAILURES or (seen[-1].holds is None and not late):
            break
        if time.monotonic() + took > deadline:
            return [_unrepeated(failed[-1] if failed else seen[-1])]
    return seen


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
    elif measured.holds is False and measured.generator_proof.get("turned_away", 0.0) > MOST_TURNED_AWAY:
        share = measured.generator_proof["turned_away"]
        doubt = f"the application limits how often one address may ask: {share:.0%} got 429; lift the limit for this"
    elif measured.evidence.get("control_success", 1.0) < HEALTHY:
        share = measured.evidence["control_success"]
        doubt = f"only {share:.0%} of the requests succeeded before anything happened"
    if not doubt:
        return measured
    return msgspec.structs.replace(measured, holds=None, sentence=f"{doubt} ({measured.sentence})")


def _result(trial: Trial, name: str, seen: list[Measured], seconds: float) -> TrialResult:
    failed = [each for each in seen if each.holds is False]
    last = failed[-1] if len(failed) == FAILURES else seen[-1]
    once = bool(failed) and last.holds is True
    result: Result = "pass" if last.holds and not failed else "fail" if len(failed) == FAILURES else "inconclusive"
    sentence = f"failed once and held once: {failed[0].sentence}; {last.sentence}" if once else last.sentence
    # of an attempt whose gate held the cause would be a rumour
    told = failed[0] if once else last
    blamed: dict[str, Any] = {} if result == "pass" else {"cause": told.cause, "fix": told.fix}
    return TrialResult(
        name=name,
        title=trial.title,
        result=result,
        sentence=sentence,
        value=last.value,
        threshold=last.threshold,
        unit=last.unit,
        recovery_s=last.recovery_s,
        recovered=last.recovered,
        fault_proof=last.fault_proof,
        generator_proof=last.generator_proof,
        evidence=last.evidence,
        attempts=len(seen),
        seconds=round(seconds, 1),
        **blamed,
    )


def _without(trial: Trial, name: str, result: Result, sentence: str) -> TrialResult:
    return TrialResult(name=name, title=trial.title, result=result, sentence=sentence)


def _noun(role: str) -> str:
    return {"http": "HTTP dependency", "any": "dependency"}.get(role, role)
