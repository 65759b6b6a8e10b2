"""What every format says of hostile requests in the same words. Pure."""

from collections import Counter

from nineam.model.payloads import Beside, Broken, PayloadsDocument

MOST_SHOWN = 100
"""A page or a summary stays readable; the JSON has everything."""


def heading(failure: Broken) -> str:
    """Say what came of it: the endpoint and the answer."""
    died = ", and a process of the application died" if failure.died else ""
    load = " (under load)" if failure.under_load else ""
    return f"{failure.endpoint}: {failure.answer}{died}{load}"


def title(failure: Broken) -> str:
    """Name it: the endpoint and the exception, or the answer where none was printed."""
    kind = failure.exception.partition(":")[0].rpartition(".")[2]
    return f"{failure.endpoint}: {kind or failure.answer}"


def place(failure: Broken) -> str:
    """Say which line it was; empty when nobody knows."""
    return f"{failure.where} in {failure.function}" if failure.where and failure.function else failure.where


def seen(failure: Broken) -> str:
    """Say how often it was seen, and what was wrong with the first request that did it."""
    alone = f"again {failure.reproduced} times of {failure.tries}, alone"
    return f"{_count(failure.requests, 'request')} of the set; the first: {failure.what}; {alone}"


def size(failure: Broken) -> str:
    """Say how small the request below is."""
    return "The smallest request that does it" if failure.reduced else "The smallest request that was found in time"


def beside(load: Beside) -> str:
    """Say what became of ordinary requests."""
    died = " A process of the application died." if load.died else ""
    doubt = "" if load.trustworthy else " The generator was late: do not trust these times."
    return (
        f"{load.hostile} hostile beside {load.requests} ordinary requests ({load.rate:g}/s): the ordinary ones' p95 "
        f"{load.p95_ms_without:g} to {load.p95_ms_with:g} ms, failed {load.failed_without:.1%} to "
        f"{load.failed_with:.1%}.{died}{doubt}"
    )


def again(document: PayloadsDocument) -> str:
    """Spell the command that sends the same set; empty without one."""
    return f"nineam payloads --replay {document.file}" if document.file else ""


def not_tested(document: PayloadsDocument) -> tuple[str, ...]:
    """List what nobody may conclude anything about, and what was seen only once."""
    return (
        *(f"{name}: its ordinary request fails too, so no hostile one was sent" for name in document.broken_anyhow),
        *(
            f"{name}: refused with {status}, though nothing is wrong with it"
            for name, status in document.refused.items()
        ),
        *(f"{each.endpoint}: {each.what}: {each.answer}, but not again" for each in document.unsteady),
        *document.not_sent,
        *document.notices,
    )


def endpoints(document: PayloadsDocument) -> list[tuple[str, str, str]]:
    """Return a row for each endpoint: its name, what came of it, and the style that fits."""
    ways = Counter(each.endpoint for each in document.failures)
    rows = []
    for name in dict.fromkeys((*document.endpoints, *document.broken_anyhow, *document.refused)):
        if ways[name]:
            rows.append((name, f"{_count(ways[name], 'way')} to break it", "bad"))
        elif name in document.broken_anyhow:
            rows.append((name, "its ordinary request fails too", "soft"))
        elif name in document.refused:
            rows.append((name, f"refused ({document.refused[name]})", "soft"))
        else:
            rows.append((name, "stood", "good"))
    return rows


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
