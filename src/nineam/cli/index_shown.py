"""What `nineam index` says: the indexes that help, what they cost, and what was not tried."""

import re
from pathlib import Path

import click
import msgspec

from nineam.cli.grow_shown import size
from nineam.errors import UsageError
from nineam.model.indexes import IndexProof, IndexReport, TimedStatement, WriteCost
from nineam.visible import visible

FORMAT = "nineam/index/1"
LONGEST = 160
SELECTED = re.compile(r"SELECT .*? FROM(?= )", re.IGNORECASE)


def show_report(report: IndexReport, run: Path, *, err: bool) -> None:
    """Print the report."""
    for line in lines(report, run):
        click.echo(visible(line), err=err)


def lines(report: IndexReport, run: Path) -> list[str]:
    """Return the report, line by line; pure."""
    said = [] if report.proofs else ["no index is missed: nothing that was built made a statement faster"]
    for number, proof in enumerate(report.proofs, 1):
        said += _proof(number, proof)
    for rejection in report.rejected:
        said.append(f"not recommended: {rejection.table}{rejection.index and f' ({rejection.index})'}: {rejection.why}")
        said.append(f"     {_short(rejection.statement)}")
    for left in report.not_tried:
        said += [f"not tried: {left.why}", f"     {_short(left.statement)}"]
    counts = (
        (report.quick, "quick already"), (report.small, "on small tables only"),
    )  # fmt: skip
    told = [f"{count} statement{'s' * (count != 1)} {words}" for count, words in counts if count]
    return [*said, *(["; ".join(told)] if told else []), f"kept in {run}"]


def _proof(number: int, proof: IndexProof) -> list[str]:
    instead = f" (there is {proof.existing}, but {proof.reason})" if proof.existing else ""
    said = [f"{number}. {proof.code}: {proof.table}, {proof.rows:,} rows{instead}"]
    for each in proof.statements:
        said += [f"     {_short(each.statement)}", f"     {_timed(each)}"]
        said += [f"     plan: {each.plan_before} -> {each.plan_after}"] if each.plan_before else []
    said.append(f"     it costs {size(proof.bytes)}{_written(proof.write)}; built in {proof.build_s:.2f} s")
    said.append(f"   {proof.ddl};")
    if proof.model:
        said.append(f"   {proof.model_at}: {proof.model}")
    return said


def _timed(each: TimedStatement) -> str:
    notes = "".join(f"; {note}" for note in each.notes)
    sets = f"{each.sets} set{'s' * (each.sets != 1)} of values"
    return (
        f"{each.before_ms:.3g} -> {each.after_ms:.3g} ms, {each.ratio:.3g} times as fast "
        f"({each.ratio_low:.3g} to {each.ratio_high:.3g}, {each.repeats} pairs, {sets}{notes})"
    )


def _written(write: WriteCost | None) -> str:
    if write is None:
        return ", what it costs writers could not be measured"
    return (
        f", {write.rows:,} {write.what}s at once take {write.after_ms:.3g} ms instead of {write.before_ms:.3g} "
        f"({write.ratio:.2g} times, {write.ratio_low:.2g} to {write.ratio_high:.2g})"
    )


def _short(statement: str) -> str:
    """Return a statement on one line; of a long one what it selects is left out first, which no index is about."""
    line = " ".join(statement.split())
    if len(line) > LONGEST:
        line = SELECTED.sub("SELECT ... FROM", line, count=1)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."


def write_json(report: IndexReport, run: Path, file: str) -> None:
    """Write the report where the user wants it. Raises UsageError when that cannot be written."""
    if not file:
        return
    text = msgspec.json.format(
        msgspec.json.encode({"schema": FORMAT, "run": str(run), **msgspec.to_builtins(report)}), indent=2
    ).decode()
    if file == "-":
        click.echo(text)
        return
    try:
        Path(file).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--json {file}: {error.strerror}", hint="name a file that can be written") from None
