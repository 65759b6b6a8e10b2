"""From what the user said to the thresholds of a run, and to those of them that stop it."""

from collections.abc import Collection
from typing import Any, NamedTuple

from nineam.cli.asked import Options
from nineam.errors import UsageError, nearest
from nineam.load.journeys import metric_names
from nineam.load.tags import tag_keys
from nineam.load.thresholds import Threshold, parse_all
from nineam.model import Scenario
from nineam.model.durations import seconds
from nineam.monday.plan import Abort

LONG_FORM = ("threshold", "abortOnFail", "delayAbortEval")
LONG_EXAMPLE = '{threshold = "http_req_failed rate<0.1", abortOnFail = true, delayAbortEval = "10s"}'


class Gates(NamedTuple):
    """Thresholds as texts, as they are kept with the run, with what is needed to read them again."""

    texts: tuple[str, ...]
    aborts: tuple[Abort, ...]
    custom: Collection[str]
    tags: Collection[str]


class Gate(NamedTuple):
    """One threshold as the user gave it."""

    text: str
    aborts: bool = False
    delay_s: float = 0.0


def objective_of(text: str) -> Threshold:
    """Read `--slo`: a percentile of the response time below a limit. Raises UsageError."""
    (slo, *more) = parse_all(text)
    fits = slo.metric == "http_req_duration" and slo.percent and slo.comparison in ("<", "<=") and not slo.tag
    if more or not fits:
        raise UsageError(
            f"--slo {text!r}: expected one percentile of the response time below a limit",
            hint='write it like "p(95)<500"; other conditions are --threshold',
        )
    return slo


def gates_of(options: Options, journeys: str, scenarios: tuple[Scenario, ...], place: str) -> Gates:
    """Read the thresholds. `journeys` is the journeys file or empty; raises UsageError, naming `place`."""
    gates = [_gate(gate, f"{place} thresholds[{number}]") for number, gate in enumerate(options.thresholds)]
    if options.abort_on_fail and not gates:
        raise UsageError("--abort-on-fail needs a --threshold", hint='like --threshold "http_req_failed rate<0.1"')
    custom = metric_names(journeys) if journeys else frozenset[str]()
    tags = (tag_keys(journeys) if journeys else frozenset[str]()) | _tags(scenarios)
    names = tuple(scenario.name for scenario in scenarios)
    aborts = []
    for gate in gates:
        thresholds = parse_all(gate.text, custom, tags)
        for threshold in thresholds:
            _check_scenario(threshold, names)
        if gate.aborts or options.abort_on_fail:
            aborts += [Abort(threshold=threshold, delay_s=gate.delay_s) for threshold in thresholds]
    return Gates(tuple(gate.text for gate in gates), tuple(aborts), custom, tags)


def _tags(scenarios: tuple[Scenario, ...]) -> frozenset[str]:
    return frozenset(key for scenario in scenarios for key, _ in scenario.tags)


def _gate(gate: Any, where: str) -> Gate:
    """Read a threshold in its short form, a text, or k6's long form, a table. Raises UsageError."""
    if isinstance(gate, str):
        return Gate(gate)
    for key in gate:
        if key not in LONG_FORM:
            close = nearest(key, LONG_FORM)
            meant = f"; did you mean {close}?" if close else ""
            raise UsageError(f"{where}: a threshold has no {key!r}{meant}", hint=f"write it like {LONG_EXAMPLE}")
    text, aborts, delay = gate.get("threshold"), gate.get("abortOnFail", False), gate.get("delayAbortEval", "0s")
    for key, value, fits, wanted in (
        ("threshold", text, isinstance(text, str), "a text"),
        ("abortOnFail", aborts, isinstance(aborts, bool), "true or false"),
        ("delayAbortEval", delay, _is_duration(delay), 'a duration such as "10s"'),
    ):
        if not fits:
            got = "nothing" if value is None else repr(value)
            raise UsageError(f"{where}: {key} is {got}, expected {wanted}", hint=f"write it like {LONG_EXAMPLE}")
    return Gate(str(text), aborts, seconds(str(delay), f"{where}: delayAbortEval"))


def _is_duration(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _check_scenario(threshold: Threshold, names: tuple[str, ...]) -> None:
    """Raise UsageError for a threshold on a scenario that does not run."""
    if threshold.tag != "scenario" or threshold.of in names:
        return
    close = nearest(threshold.of, names)
    raise UsageError(
        f"threshold {threshold.label}: no scenario is called {threshold.of!r}"
        + (f"; did you mean {close}?" if close else ""),
        hint=f"there is {', '.join(names)}" if names else "scenarios are described in [scenarios.NAME] of nineam.toml",
    )
