"""Which users are unlike the others: pure functions of the plan's clients and of the users' numbers.

Users of a scenario have numbers from 0, and so have arrivals. Every load process computes the kinds of all of them and
takes those of its own.
"""

import itertools
from collections.abc import Iterator, Sequence

from nineam.load.schedule import Part, our_arrivals
from nineam.model import ClientShare, Scenario
from nineam.model.scenario import most_vus

ORDINARY = ""


def kinds_of(clients: Sequence[ClientShare], scenarios: Sequence[Scenario], index: int, part: Part) -> Iterator[str]:
    """Give the kinds of our users (or arrivals) of a scenario, in turn; the polite user is an ordinary one.

    Counted clients are among all the users of a phase, shares are of each scenario's; arrivals only know shares.
    """
    scenario = scenarios[index]
    if not clients or scenario.executor == "polite":
        return itertools.repeat(ORDINARY)
    if not most_vus(scenario):
        return our_arrivals(scenario, part).stripe(kinds(clients, [], 0))
    users = [most_vus(each) if each.executor != "polite" else 0 for each in scenarios]
    return part.stripe(kinds(clients, dealt(clients, users)[index], users[index]))


def kinds(clients: Sequence[ClientShare], counted: Sequence[str], users: int) -> Iterator[str]:
    """Give the kind of each of so many `users` (or of arrivals) in turn, without end; `counted` are in it once each.

    These are there from the beginning, but half of the first users are not as long as there is room for that. Of any
    number of first users, each share is what it should be within about one.
    """
    shares = {each.profile: each.share for each in clients if not each.count}
    shares = {ORDINARY: 1 - sum(shares.values()), **shares}
    owed = dict.fromkeys(shares, 0.0)
    placed = 0
    for number in itertools.count():
        for kind, share in shares.items():
            owed[kind] += share
        if placed < len(counted) and number == min(2 * placed + 1, users - len(counted) + placed):
            kind, placed = counted[placed], placed + 1
            owed[ORDINARY] -= 1
        else:
            kind = max(owed, key=owed.__getitem__)
            owed[kind] -= 1
        yield kind


def dealt(clients: Sequence[ClientShare], users: Sequence[int]) -> list[list[str]]:
    """Deal counted clients out to scenarios with so many `users`, to each its part and no more than it has users.

    A small stair of a climb, with fewer users than are counted, has as many of them as make half of it.
    """
    total, counted = sum(users), _mixed(clients)
    hands: list[list[str]] = [[] for _ in users]
    owed = [0.0] * len(users)
    for kind in counted if len(counted) <= total else counted[: total // 2]:
        for index, many in enumerate(users):
            owed[index] += many / total
        taker = max((index for index, many in enumerate(users) if len(hands[index]) < many), key=owed.__getitem__)
        owed[taker] -= 1
        hands[taker].append(kind)
    return hands


def _mixed(clients: Sequence[ClientShare]) -> list[str]:
    """Give the counted clients in an order in which the first ones are of all kinds."""
    places = [
        ((2 * each + 1) / client.count, order, client.profile)
        for order, client in enumerate(clients)
        for each in range(client.count)
    ]
    return [profile for _, _, profile in sorted(places)]
