"""Clients that are unlike the others: one file a kind, each one line in `PROFILES`.

A user is of one kind for good, chosen when it is made: it has connections of its own kind then, and what it sends
counts under names of its own. The users without a kind notice nothing of this.
"""

from nineam.load.profiles import (
    dense_4g,
    hang_up,
    hostile,
    mobile,
    regular_3g,
    slow,
    slow_reader,
    slow_sender,
)
from nineam.load.profiles.profile import Profile

KINDS: tuple[Profile, ...] = (
    slow_reader.PROFILE,
    slow_sender.PROFILE,
    slow.PROFILE,
    mobile.PROFILE,
    dense_4g.PROFILE,
    regular_3g.PROFILE,
    hang_up.PROFILE,
    hostile.PROFILE,
)
PROFILES = {profile.name: profile for profile in KINDS}

__all__ = ["KINDS", "PROFILES", "Profile"]
