"""What a locustfile raises and catches; the names are Locust's."""


class LocustError(Exception):
    """Base of the errors below."""


class ResponseError(Exception):
    """An answer is not what it should be: the request counts as failed, and the task goes on after the `with`."""


class CatchResponseError(Exception):
    """The reason given to `response.failure`."""


class MissingWaitTimeError(LocustError):
    """A user has no `wait_time`."""


class InterruptTaskSet(Exception):  # noqa: N818 - Locust's name
    """Leave a task set; its parent goes on at once if `reschedule`, after its wait time otherwise."""

    def __init__(self, reschedule: bool = True) -> None:
        super().__init__()
        self.reschedule = reschedule


class StopUser(Exception):  # noqa: N818 - Locust's name
    """The user leaves."""


class RescheduleTask(Exception):  # noqa: N818 - Locust's name
    """End the task; the next one follows after the wait time."""


class RescheduleTaskImmediately(Exception):  # noqa: N818 - Locust's name
    """End the task; the next one follows at once."""


class StopTest(Exception):  # noqa: N818 - Locust's name
    """The test is over."""


class RunnerAlreadyExistsError(Exception):
    """Never raised here; files name it."""


class HTTPError(OSError):
    """Raised by `raise_for_status` where `requests` is not in use."""


class NotOfferedError(AttributeError):
    """The file asks for something of Locust that nineam does not have."""

    def __init__(self, name: str, instead: str = "") -> None:
        super().__init__(f"{name} is not offered by nineam" + (f": {instead}" if instead else ""))
        self.offered_name = name
