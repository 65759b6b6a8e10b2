"""One request with a number of its own: iterations begin in the order of the schedule, so number i is arrival i."""

from itertools import count

from nineam import journey

numbers = count()


@journey
async def work(user):
    """Ask for some work."""
    await user.get(f"/work?i={next(numbers)}", name="/work")
