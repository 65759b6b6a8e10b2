"""What sampling may take of a core, and how it keeps to that.

The handler measures itself. What it cannot see is estimated: a signal into a process that runs, and one into a process
that sleeps, which has to be woken for it (80 - 90 us a tick, measured as the CPU time of a server in which one request
always waits, with sampling and without).
"""

SHARE = 0.005
RUNNING_NS = 5_000
WOKEN_NS = 90_000
# stopping the timer and starting it again
SWITCH_NS = 3_000
WINDOW_NS = 1_000_000_000
SLOWEST = 16


class Budget:
    """Adds up what sampling takes, in nanoseconds of CPU, and once a second says what should change.

    `slower` is by how much the rate is divided. `eager`: the timer stops with the last request in flight, instead of at
    its next tick, which would wake a process that has nothing to do; that pays where requests come one by one.
    """

    def __init__(self, now):
        self.slower = 1
        self.eager = False
        self.reset(now)

    def reset(self, now):
        """Begin anew, in a forked child."""
        self.spent = self._before = self.idle = self.gaps = 0
        self._window = now

    def ticked(self, running):
        """Count a signal into a process in which a request runs, or all of them wait."""
        self.spent += RUNNING_NS if running else WOKEN_NS

    def ticked_idly(self):
        """Count a signal into a process without requests."""
        self.spent += WOKEN_NS
        self.idle += 1

    def judge(self, now, elsewhere):
        """Return (new `slower`, share of a core) when the rate should change; `elsewhere` is taken by others so far."""
        passed = now - self._window
        if passed < WINDOW_NS:
            return None
        self.eager = self.gaps * SWITCH_NS < (passed * SHARE if self.eager else self.idle * WOKEN_NS)
        spent = self.spent + elsewhere
        share = (spent - self._before) / passed
        self._window, self._before, self.idle, self.gaps = now, spent, 0, 0
        if share > SHARE and self.slower < SLOWEST:
            return self.slower * 2, share
        if share < SHARE / 3 and self.slower > 1:
            return self.slower // 2, share
        return None
