"""Which fault is on: `SIN=n-plus-one:2` is that fault at its second intensity; several are separated by commas."""

import os

INTENSITIES = (1, 2)
SECRET = "not a secret"


def sin(name: str) -> int:
    """Return the intensity of a fault: 0 when it is off."""
    for item in filter(None, os.environ.get("SIN", "").split(",")):
        fault, _, intensity = item.partition(":")
        if fault == name:
            return int(intensity or 1)
    return 0


def collect_often() -> None:
    """Start full garbage collections twice a second, when that red herring is on."""
    import gc  # noqa: PLC0415 - the applications' own lines are what is looked for
    import threading  # noqa: PLC0415 - as above

    def collect() -> None:
        while True:
            threading.Event().wait(0.5)
            gc.collect()

    if sin("herring-gc"):
        threading.Thread(target=collect, daemon=True).start()


def spin(milliseconds: float) -> None:
    """Compute for so much CPU time of this thread."""
    import time  # noqa: PLC0415 - as above

    until = time.thread_time() + milliseconds / 1000
    while time.thread_time() < until:
        sum(range(50))
