"""Locustfiles on this engine: the `locust` module that such a file imports, and who runs its users.

Nothing of Locust is used or needed. `names` puts the modules in the place of Locust's while a file is loaded,
`strands` lets its synchronous code give way when it waits, `seat` is the virtual user who runs it.
"""

from nineam.load.locust.facts import LocustFacts, check_locustfile

__all__ = ["LocustFacts", "check_locustfile"]
