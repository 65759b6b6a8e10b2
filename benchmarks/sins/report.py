"""Scores of the answers that are kept, as Markdown."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.sins.cases import Case
from benchmarks.sins.faults import FAULTS
from benchmarks.sins.scoring import answer_of, earliest, most_sampled, most_time, right_layer
from benchmarks.sins.stacks import marked
from nineam.diagnose.diagnosis import diagnose
from nineam.diagnose.picture import Picture
from nineam.store.reader import read

VISIBLE = 0.8
"""A fault is visible when the application carries less than this part of what it carries healthy."""
ASKED = {
    "nineam": "layer",
    "always `db_execute`": "dummy",
    "highest utilisation": "utilisation",
    "earliest 3-sigma": "first",
}
KNOWN = {fault.name: fault for fault in FAULTS}


class Row(NamedTuple):
    """One case: was it visible, and who was right."""

    case: Case
    carried: float
    visible: bool
    layer: bool
    site: bool
    code: bool
    dummy: bool
    utilisation: bool
    first: bool
    sampled: bool
    said: str


def tables(kept: Path, cases: Sequence[Case]) -> str:
    """Return all tables of what is there."""
    documents = {case: _load(kept, case) for case in cases if (kept / f"{case.name}.db").exists()}
    healthy = _healthy(documents)
    single = [
        _row(kept, case, document, healthy.get(case.stack.name, 0.0))
        for case, document in documents.items()
        if len(case.faults) == 1 and not case.herring
    ]
    lines = ["| case | carries /s | visible | layer | site | code | said |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {row.case.name} | {row.carried:g} | {_yes(row.visible)} | {_yes(row.layer)} | {_yes(row.site)}"
        f" | {_yes(row.code)} | {row.said} |"
        for row in single
    ]
    counted = [row for row in single if row.visible]
    lines += ["", f"Of {len(single)} cases {len(counted)} are visible; of these:", ""]
    lines += ["| | layer top-1 |", "|---|---|"]
    for name, field in ASKED.items():
        lines.append(f"| {name} | {_share([getattr(row, field) for row in counted])} |")
    lines += ["", f"Code site top-1: nineam {_share([row.site for row in counted])}, most sampled function"]
    lines[-1] += f" {_share([row.sampled for row in counted])}. A finding with the fault's code:"
    lines[-1] += f" {_share([row.code for row in counted])}."
    lines += _others(documents)
    return "\n".join(lines)


def _load(kept: Path, case: Case) -> dict[str, Any]:
    """What is said of a run file today: what was said when it was made may be another version's."""
    found: dict[str, Any] = msgspec.to_builtins(diagnose(read(kept / f"{case.name}.db")))
    return found


def _carried(document: dict[str, Any]) -> float:
    return float(document["capacity"]["rate"]["low"])


def _healthy(documents: dict[Case, dict[str, Any]]) -> dict[str, float]:
    """What each stack carries without a fault: the median of its runs."""
    found: dict[str, list[float]] = {}
    for case, document in documents.items():
        if not case.faults:
            found.setdefault(case.stack.name, []).append(_carried(document))
    return {name: sorted(values)[len(values) // 2] for name, values in found.items()}


def _row(kept: Path, case: Case, document: dict[str, Any], healthy: float) -> Row:
    fault = KNOWN[case.faults[0][0]]
    run = read(kept / f"{case.name}.db")
    picture = Picture(run)
    failing = picture.failing.id if picture.failing else 0
    before = picture.localhost.id if picture.localhost else 0
    stairs = tuple(stair.id for stair in picture.stairs)
    answer = answer_of(document)
    function = marked(case.stack, fault.name)
    return Row(
        case=case,
        carried=_carried(document),
        visible=_carried(document) < VISIBLE * healthy,
        layer=right_layer(fault, answer.layers),
        site=answer.function == function,
        code=any(code in fault.codes for code in answer.codes),
        dummy=right_layer(fault, ("db_execute",)),
        utilisation=right_layer(fault, most_time(run, failing)),
        first=right_layer(fault, earliest(run, before, stairs)),
        sampled=most_sampled(run, failing) == function,
        said=f"{', '.join(answer.layers[:2])}; {answer.function}; {', '.join(answer.codes)}",
    )


def _others(documents: dict[Case, dict[str, Any]]) -> list[str]:
    dual = [(case, answer_of(document)) for case, document in documents.items() if len(case.faults) == 2]
    both = [
        all(any(layer in KNOWN[name].layers for layer in answer.layers[:2]) for name, _ in case.faults)
        for case, answer in dual
    ]
    healthy = [answer_of(document).codes for case, document in documents.items() if not case.faults]
    alarms = [bool(codes) for codes in healthy]
    beside = [
        right_layer(KNOWN[case.faults[0][0]], answer_of(document).layers)
        for case, document in documents.items()
        if case.herring
    ]
    return [
        "",
        f"Two faults at once, both in the first two layers: {_share(both)}."
        f" The fault first, beside a red herring: {_share(beside)}."
        f" Findings in healthy applications: {_share(alarms)}"
        f" {', '.join(sorted({code for codes in healthy for code in codes}))}".rstrip(),
    ]


def _share(values: Sequence[bool]) -> str:
    return f"{sum(values)}/{len(values)}" + (f" ({sum(values) / len(values):.2f})" if values else "")


def _yes(value: bool) -> str:
    return "yes" if value else "**no**"
