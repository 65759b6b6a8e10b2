"""What kept an application from being as before, told from the requests that were sent since. Pure."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from nineam.trials.window import Sample, Window, near_ms

AT_ONCE_MS = 1000.0
"""Who fails sooner has not waited for anything."""
TURN_SLACK_S = 0.25
"""What lies between two turns, on a busy machine."""
Kind = Literal["as before", "fails", "late", "waits"]


class Aftermath(NamedTuple):
    """Requests that did not fare as before: those that failed at once, were answered well but late, or waited in vain.

    `waiting` have waited longer than anybody did before: for an error, for a client that gave up, or until now.
    """

    failing: int = 0
    late: int = 0
    waiting: int = 0

    @property
    def kind(self) -> Kind:
        """What happened to most of them."""
        if not any(self):
            return "as before"
        most = max(self)
        return "waits" if self.waiting == most else "fails" if self.failing == most else "late"

    def told(self) -> dict[str, int]:
        """Name the counts, for the evidence."""
        return {"failed_at_once": self.failing, "answered_late": self.late, "waited_in_vain": self.waiting}


def aftermath(since: Window, control: Window) -> Aftermath:
    """Count what happened to requests, by how requests fared in the calm; those only just sent do not count."""
    limit_ms = near_ms(control)
    late = [each.ms(since.now) for each in since.samples if each.ok and each.ms(since.now) > limit_ms]
    failing = sum(_answered(each) and not each.ok and each.ms(since.now) <= AT_ONCE_MS for each in since.samples)
    # in a queue nobody waits for longer than who was answered last, and a turn
    turn_ms = max([limit_ms, *late]) + AT_ONCE_MS if late else max(limit_ms, AT_ONCE_MS)
    waiting = sum(
        not each.ok and each.ms(since.now) > (turn_ms if each.end is None else max(limit_ms, AT_ONCE_MS))
        for each in since.samples
    )
    return Aftermath(failing, len(late), waiting)


def queued_behind(asked: Window, most_s: float) -> float | None:
    """Give the seconds after which one request makes room for the next, if that explains how long all of them took.

    Nobody sees when the work on a request begins; it is no earlier than the request, and what ended last before made
    room for it. None when one request alone takes more than `most_s`, or somebody waited longer than a queue explains:
    the k-th k times as long.
    """
    answered = [each for each in asked.samples if _answered(each)]
    own_s = max(_turns_s(answered), default=most_s + 1)
    turn_s = own_s + TURN_SLACK_S
    if own_s > most_s or max(_turns_s(asked.samples, asked.now)) > turn_s:
        return None
    line = sorted(asked.samples, key=lambda each: each.at)
    fits = all(each.ms(asked.now) <= place * turn_s * 1000 for place, each in enumerate(line, 1))
    return own_s if fits else None


def _turns_s(samples: Iterable[Sample], now: float = 0.0) -> list[float]:
    """Give the times, in seconds, in which somebody waited and nobody was answered; until `now` without an end."""
    turns, freed = [], 0.0
    for end, at in sorted((now if each.end is None else each.end, each.at) for each in samples):
        turns.append(end - max(at, freed))
        freed = end
    return turns


def _answered(sample: Sample) -> bool:
    """Whether the application has answered, with whatever status."""
    return sample.end is not None and bool(sample.status)
