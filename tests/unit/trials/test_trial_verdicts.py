"""Results, doubts and the verdict: gates decide, and nothing is filled up with points."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from nineam.cli.trial_asked import chosen, upstream_of, words_of
from nineam.errors import ApplicationError, UsageError
from nineam.model.trial import Dependency, TrialResult
from nineam.trials.catalogue import TRIALS
from nineam.trials.lab import Lab
from nineam.trials.run import TEARDOWN_S, run_trials
from nineam.trials.scout import Scouted
from nineam.trials.subject import Leading, Subject
from nineam.trials.trial import Measured, NotApplicableError, NotRunError, Pace, Trial
from nineam.trials.verdict import not_tested, verdict

DATABASE = Dependency(name="database", role="database", kind="postgresql", host="localhost", port=5432)
LATE = {"trustworthy": False, "slip_p99_ms": 900.0}
MET = {"fault": "down", "times": 3}
RESERVE = 1.3
"""How much longer than an attempt that passes those may take, on average, that are still to come."""
WORDS = dict.fromkeys(("title", "what", "why", "inject", "measure", "gate", "evidence"), "words")


def scouted(*, touches=True, dependencies=(DATABASE,), refused=None, beyond=0):
    subject = Subject(command=("true",), cwd=".", environment={})
    leading = Leading(dependencies, {each.name: 1 for each in dependencies}, Path("nowhere"))
    lab = Lab(subject=subject, proxy=None, leading=leading, pace=Pace())
    lab.requests, lab.beyond = (), beyond
    lab.__class__ = type("LabOfOne", (Lab,), {"names": ("GET /",)})
    lab.touches = {"GET /": {"database": 1.0}} if touches else {}
    return Scouted(lab, (), refused or {})


def trial(*outcomes, role="database", **more):
    waiting = list(outcomes)

    async def run(lab, dependency):
        outcome = waiting.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return Trial(name="one", causes=("a",), role=role, run=run, **WORDS, **more)


def measured(holds, **more):
    given = {"fault_proof": MET, "cause": "the cause", "fix": "the fix"} | more
    return Measured(holds=holds, sentence="seen", **given)


def result_of(one, budget_s=100.0, **lab):
    (result,) = asyncio.run(run_trials(scouted(**lab), [one], budget_s, lambda _: None))
    return result


def test_what_holds_once_passes_and_nothing_is_blamed():
    result = result_of(trial(measured(True)))
    assert (result.result, result.attempts, result.cause, result.fix) == ("pass", 1, "", "")


def test_what_fails_twice_fails():
    result = result_of(trial(measured(False), measured(False)))
    assert (result.result, result.attempts, result.cause) == ("fail", 2, "the cause")


def test_what_fails_once_and_holds_once_proves_nothing():
    result = result_of(trial(measured(False), measured(True)))
    assert (result.result, result.attempts) == ("inconclusive", 2)


@pytest.mark.parametrize(
    ("doubt", "word"),
    [
        ({"fault_proof": {"times": 0}}, "touched nothing"),
        ({"fault_proof": {}}, "touched nothing"),
        ({"generator_proof": LATE}, "900 ms late"),
        ({"generator_proof": {"calm": False}}, "queued up before anything happened"),
        ({"evidence": {"control_success": 0.5}}, "50%"),
    ],
)
@pytest.mark.parametrize("holds", [True, False])
def test_without_proof_neither_a_pass_nor_a_failure_counts(doubt, word, holds):
    result = result_of(trial(*[measured(holds, **doubt)] * 3))
    assert result.result == "inconclusive"
    assert word in result.sentence


@pytest.mark.parametrize(("share", "result"), [(0.4, "inconclusive"), (0.05, "fail")])
def test_a_limit_of_requests_is_not_what_was_tried(share, result):
    limited = measured(False, generator_proof={"trustworthy": True, "turned_away": share})
    found = result_of(trial(*[limited] * 3))
    assert found.result == result
    assert ("40% got 429" in found.sentence) is (share == 0.4)


def test_what_a_trial_is_not_about_is_told_even_when_the_time_is_up():
    assert result_of(trial(measured(True), role="cache", seconds=9.0), budget_s=1.0).result == "not-applicable"


def test_an_attempt_on_a_busy_machine_is_made_again_and_does_not_count():
    late = measured(False, generator_proof=LATE)
    assert result_of(trial(late, measured(True))).result == "pass"
    failed = result_of(trial(measured(False), late, measured(False)))
    assert (failed.result, failed.attempts, failed.sentence) == ("fail", 3, "seen")


def test_a_failure_that_there_is_no_time_to_see_again_is_no_failure():
    result = result_of(trial(measured(False), seconds=-1.0), budget_s=-0.5)
    assert (result.result, result.attempts) == ("inconclusive", 1)
    assert "no time" in result.sentence


def test_requests_that_were_kept_away_are_proof_of_a_refusal():
    assert result_of(trial(measured(True, fault_proof={"times": 0, "kept_away": 40}))).result == "pass"


def test_a_dependency_that_nobody_reaches_through_the_proxy_is_not_run():
    result = result_of(trial(measured(True)), touches=False)
    assert result.result == "not-run"
    assert "through the proxy; read" in result.sentence


def test_requests_that_were_left_out_may_be_those_that_reach_it():
    result = result_of(trial(measured(True)), touches=False, beyond=23)
    assert "through the proxy: one of the 23 that were left out may be the one; read" in result.sentence


def test_a_dependency_that_is_not_there_is_not_applicable_and_a_refused_one_is_not_run():
    assert result_of(trial(measured(True)), dependencies=()).result == "not-applicable"
    result = result_of(trial(measured(True)), dependencies=(), refused={"database": "db.example is elsewhere"})
    assert (result.result, result.sentence) == ("not-run", "db.example is elsewhere")


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (NotApplicableError("no"), "not-applicable"),
        (NotRunError("no"), "not-run"),
        (ApplicationError("it died"), "inconclusive"),
    ],
)
def test_what_cannot_be_made_is_told_apart(problem, kind):
    assert result_of(trial(problem)).result == kind


def test_a_trial_that_does_not_fit_into_the_time_is_not_run():
    result = result_of(trial(measured(True), seconds=30.0), budget_s=10.0)
    assert result.result == "not-run"
    assert "--time" in result.sentence


def named(name, said, *outcomes, **more):
    one = trial(*outcomes, **more)

    async def run(lab, dependency):
        said.append(name)
        return await one.run(lab, dependency)

    return msgspec.structs.replace(one, name=name, run=run)


def test_nobody_is_tried_again_in_the_time_that_others_need():
    said, heard = [], []
    first = named("first", said, measured(False), measured(False))
    trials = [first, named("second", said, measured(True), seconds=50.0)]
    found = asyncio.run(run_trials(scouted(), trials, 60.0, lambda each: heard.append(each.name)))
    assert said == ["first", "second", "first"]
    assert heard == ["second", "first"]
    assert [(each.name, each.result) for each in found] == [("first", "fail"), ("second", "pass")]


def test_what_is_least_likely_to_be_chance_is_tried_again_first():
    said = []
    late = measured(True, generator_proof=LATE)
    failures = {
        "late": late,
        "near": measured(False, value=12.0, threshold=10.0),
        "far": measured(False, value=44.0, threshold=10.0),
        "few": measured(False, value=20.0, threshold=100.0),
        "never": measured(False, value=None, threshold=30.0),
        "well": measured(True),
    }
    trials = [named(name, said, one, measured(True)) for name, one in failures.items()]
    asyncio.run(run_trials(scouted(), trials, 1000.0, lambda _: None))
    assert said == [*failures, "never", "few", "far", "near", "late"]


def test_a_failure_that_was_seen_twice_in_one_attempt_is_one():
    found = result_of(trial(measured(False, twice=True)))
    assert (found.result, found.attempts, found.cause) == ("fail", 1, "the cause")
    assert result_of(trial(measured(False, twice=True, fault_proof={}))).result == "inconclusive"
    assert result_of(trial(measured(False), measured(False, twice=True))).result == "fail"
    without_time = result_of(trial(measured(False, twice=True), seconds=-1.0), budget_s=-0.5)
    assert without_time.result == "fail"


def test_an_attempt_that_does_not_end_is_cut_off_when_the_time_is_up():
    async def run(lab, dependency):
        await asyncio.sleep(600)

    stuck = msgspec.structs.replace(trial(measured(True)), run=run, seconds=0.0)
    result = result_of(stuck, budget_s=TEARDOWN_S + 0.1)
    assert result.result == "not-run"
    assert "in the middle of it" in result.sentence


def test_what_failed_once_is_told_when_everything_is_interrupted():
    async def interrupted(lab, dependency):
        raise asyncio.CancelledError

    heard = []
    later = msgspec.structs.replace(trial(measured(True), seconds=50.0), run=interrupted)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run_trials(scouted(), [trial(measured(False)), later], 60.0, heard.append))
    assert [each.result for each in heard] == ["inconclusive"]


def results(**kinds):
    return [
        TrialResult(name=name, title="t", result=kind.replace("_", "-"), sentence="s") for name, kind in kinds.items()
    ]


def test_one_failure_outweighs_any_number_of_passes():
    found = verdict(results(a="pass", b="pass", c="fail", d="inconclusive"), 20.0)
    assert found.status == "not-ready"
    assert found.sentence == "NOT READY: c (2 of 4 passed; 1 inconclusive)"


@pytest.mark.parametrize("kind", ["inconclusive", "not_run"])
def test_what_is_not_known_is_not_proven(kind):
    assert verdict(results(a="pass", b=kind), 20.0).status == "not-proven"


def test_nothing_at_all_is_not_proven():
    assert verdict(results(a="not_applicable"), 20.0).status == "not-proven"


def test_what_does_not_apply_does_not_stand_in_the_way():
    found = verdict(results(a="pass", b="not_applicable"), 20.0)
    assert found.sentence == "READY FOR a at 20 requests/s (1 of 1 passed)"


def test_never_is_worse_than_any_number_of_seconds():
    slow = TrialResult(name="slow", title="t", result="fail", sentence="s", recovery_s=9.0, recovered=True)
    never = TrialResult(name="never", title="t", result="fail", sentence="s", recovered=False)
    assert "no recovery in never" in verdict([slow, never], 1.0).sentence
    assert "worst recovery 9.0 s (slow)" in verdict([slow], 1.0).sentence


def test_what_was_left_out_is_always_told():
    told = not_tested(results(a="not_run", b="pass"), ["surge"])
    assert told[0] == "a: s"
    assert told[1] == "not asked for: surge"
    assert len(told) > 4


def test_names_of_trials_are_unique_and_every_record_says_everything():
    assert len({each.name for each in TRIALS}) == len(TRIALS)
    for each in TRIALS:
        assert each.causes
        assert all((each.what, each.why, each.inject, each.measure, each.gate, each.evidence)), each.name


def test_the_usual_trials_fit_into_four_minutes():
    assert RESERVE * sum(each.seconds for each in TRIALS if each.usual) < 200


def test_a_target_is_told_from_names():
    assert words_of(["surge", "shop:app", "database-down"]) == ("shop:app", ("surge", "database-down"))
    assert words_of(["./shop/"]).target == "./shop/"


def test_a_trial_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean database-down"):
        words_of(["databse-down"])


def test_all_and_names_exclude_each_other():
    with pytest.raises(UsageError):
        chosen(["surge"], everything=True)


@pytest.mark.parametrize("text", ["database", "a=b", "a=host:x", "=localhost:1", "a=smtp://localhost:25"])
def test_a_broken_upstream_is_refused(text):
    with pytest.raises(UsageError, match="--upstream"):
        upstream_of(text)


def test_an_upstream_knows_its_kind_by_its_scheme_or_its_port():
    assert upstream_of("cache=redis://localhost:7000").role == "cache"
    assert upstream_of("main=localhost:5432").role == "database"
    assert upstream_of("pay=localhost:7000").role == "http"
