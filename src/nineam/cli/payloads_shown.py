"""What `nineam payloads` says: each failure as curl, all of them as a document and as tests."""

from pathlib import Path
from typing import Any

import click

from nineam.errors import ExitCode, UsageError
from nineam.model import Record
from nineam.model.payloads import Beside, Broken, PayloadsDocument, Wavering
from nineam.model.run import Verdict
from nineam.monday.provoking import Provocation
from nineam.payloads.curl import curl
from nineam.payloads.found import Failure, Found
from nineam.payloads.pytest_code import module_of, name_of
from nineam.report.payload_formats import FORMATS
from nineam.visible import visible

SHOWN = 20
MOST_NOTICES = 12
MOST_REFUSED = 4


class Wanted(Record, frozen=True, kw_only=True):
    """Which files are written, by the name of the format (`tests` is one of them); whether the summary is a line."""

    paths: dict[str, str] = {}
    quiet: bool = False


class Occasion(Record, frozen=True, kw_only=True):
    """When it was, how long it took (seconds), and what was started or asked."""

    started: str = ""
    seconds: float = 0.0
    command: str = ""


def ended(wanted: Wanted, provocation: Provocation, occasion: Occasion) -> ExitCode:
    """Print what was found and write the files; what the process ends with."""
    to_stdout = "-" in wanted.paths.values()
    for line in [sentence(provocation)] if wanted.quiet else lines(provocation):
        click.echo(visible(line), err=to_stdout)
    told = document(provocation, occasion)
    for name, path in wanted.paths.items():
        if name in FORMATS:
            _write(path, FORMATS[name](told))
    tests = wanted.paths.get("tests", "")
    if tests and (provocation.found.failures or tests == "-"):
        _write(tests, _module(tests, provocation))
    harmed = provocation.beside is not None and provocation.beside.harmed
    return ExitCode.THRESHOLD if provocation.found.failures or harmed else ExitCode.OK


def sentence(provocation: Provocation) -> str:
    """Say in one line what it came to."""
    found = provocation.found
    asked = f"{found.sent} hostile requests to {_count(len(provocation.endpoints), 'endpoint')}"
    beside = provocation.beside
    if beside is not None and beside.harmed and not found.failures:
        return f"NOT READY: {asked} harmed the ordinary requests beside them"
    if found.failures:
        return f"NOT READY: {asked} broke it in {_count(len(found.failures), 'way')}"
    doubt = _doubt(found)
    if doubt:
        return f"NOT PROVEN: {asked}{doubt}" if found.sent else f"NOT PROVEN: {doubt}"
    return f"READY: {asked}, and every one was answered"


def _doubt(found: Found) -> str:
    """Say why nothing is proven; empty where something is."""
    if not found.sent:
        return "no hostile request was sent"
    if found.got_nowhere:
        return " did not break it, but ordinary requests are refused, too: see below"
    if found.was_limited:
        return f" did not break it, but {found.turned_away} of them got 429: lift its limit of requests for this"
    return "; none broke it twice, but see below" if found.unsteady or found.left_out or found.broken_anyhow else ""


def lines(provocation: Provocation) -> list[str]:
    """Say everything, as lines for a terminal."""
    found = provocation.found
    told = [sentence(provocation), ""]
    told += _of_load(provocation.beside) if provocation.beside else []
    for number, failure in enumerate(found.failures[:SHOWN], 1):
        told += _of_failure(number, failure, provocation)
    if len(found.failures) > SHOWN:
        told += [f"  and {len(found.failures) - SHOWN} more: --json FILE has all of them", ""]
    told += [
        f"  {each.payload.endpoint}: {each.payload.what}: {each.answer.words}, but not again"
        for each in found.unsteady[:SHOWN]
    ]
    told += [f"  {name}: its ordinary request fails too, so no hostile one was sent" for name in found.broken_anyhow]
    if found.refused:
        names = [f"{name} ({status})" for name, status in found.refused.items()]
        more = f" and {len(names) - MOST_REFUSED} more" if len(names) > MOST_REFUSED else ""
        told.append(f"  refused, though nothing is wrong with them: {', '.join(names[:MOST_REFUSED])}{more}")
        told.append("  (log in with --header 'NAME: VALUE', name real ids with --urls FILE, another host with --host)")
    told += [f"  {text}" for text in (*found.left_out, *provocation.notices)[:MOST_NOTICES]]
    again = f"the same again: nineam payloads --replay {provocation.file}" if provocation.file else ""
    return [*told, f"  seed {provocation.seed}; {again}"]


def _of_load(beside: Beside) -> list[str]:
    died = " A process of the application died." if beside.died else ""
    doubt = " The generator was late: do not trust these times." if not beside.trustworthy else ""
    return [
        f"  under load: {beside.hostile} hostile beside {beside.requests} ordinary requests ({beside.rate:g}/s):",
        f"  the ordinary ones' p95 {beside.p95_ms_without:g} -> {beside.p95_ms_with:g} ms,"
        f" failed {beside.failed_without:.1%} -> {beside.failed_with:.1%}.{died}{doubt}",
        "",
    ]


def _of_failure(number: int, failure: Failure, provocation: Provocation) -> list[str]:
    head = f"  {number}. {failure.payload.endpoint}: {failure.answer.words}"
    head += ", and a process of the application died" if failure.died else ""
    told = [f"{head} ({_count(failure.requests, 'request')}; first: {failure.payload.what})"]
    trace = failure.trace
    if trace.exception:
        told.append(f"     {trace.exception}")
    if trace.where:
        told.append(f"     {trace.where} ({trace.function})")
    size = "the smallest that does it" if failure.reduced else "the smallest found in time"
    told.append(f"     {size}:")
    return [*told, f"       {curl(failure.smallest, provocation.base_url, provocation.secrets)}", ""]


def document(provocation: Provocation, occasion: Occasion) -> PayloadsDocument:
    """Put everything together."""
    found = provocation.found
    said = sentence(provocation)
    status: Any = said.partition(":")[0].lower().replace(" ", "-")
    return PayloadsDocument(
        verdict=Verdict(status=status, sentence=said),
        base_url=provocation.base_url,
        seed=provocation.seed,
        file=provocation.file,
        endpoints=provocation.endpoints,
        origins=provocation.origins,
        sent=found.sent,
        failed=len(found.suspects),
        failures=tuple(_broken(number, each, provocation) for number, each in enumerate(found.failures, 1)),
        unsteady=tuple(
            Wavering(
                endpoint=each.payload.endpoint,
                what=each.payload.what,
                answer=each.answer.words,
                under_load=each.under_load,
            )
            for each in found.unsteady
        ),
        beside_load=provocation.beside,
        broken_anyhow=found.broken_anyhow,
        refused=found.refused,
        not_sent=found.left_out,
        notices=provocation.notices,
        started=occasion.started,
        seconds=occasion.seconds,
        command=occasion.command,
    )


def _broken(number: int, failure: Failure, provocation: Provocation) -> Broken:
    return Broken(
        endpoint=failure.payload.endpoint,
        what=failure.payload.what,
        part=failure.payload.part,
        origin=failure.payload.origin,
        payload=failure.payload.id,
        status=failure.answer.status,
        answer=failure.answer.words,
        died=failure.died,
        requests=failure.requests,
        reproduced=failure.reproduced,
        tries=failure.tries,
        under_load=failure.under_load,
        reduced=failure.reduced,
        exception=failure.trace.exception,
        where=failure.trace.where,
        function=failure.trace.function,
        smallest=failure.smallest,
        curl=curl(failure.smallest, provocation.base_url, provocation.secrets),
        test=f"test_{name_of(number, failure)}",
    )


def _module(path: str, provocation: Provocation) -> str:
    return module_of(provocation.found.failures, provocation.base_url, Path(path).name, provocation.secrets)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _write(path: str, text: str) -> None:
    if path == "-":
        click.echo(text.rstrip("\n"))
        return
    try:
        Path(path).write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="name a file in a folder that exists") from None
