"""Takes finished requests, packs them, and tells the controller; never makes the application wait.

Requests pack themselves into a queue on the application's threads; one daemon thread, started with the
first request of a process (so after any fork), sends the queue ten times a second. When the controller is
gone or slow the queue stops growing and what does not fit is counted as dropped.

Most processes that load the agent never serve a request (pip, a shell's helpers), so what only the sending
thread needs is imported when there is one.
"""

import os
import sys
import time
from collections import deque

from . import slowing, wire
from .names import Names
from .orders import Orders
from .packing import pack
from .visits import arrive, depart

INTERVAL = 0.1
QUEUE_LIMIT = 20000
SEND_TIMEOUT_S = 2.0
# requests of one frame, whose length is limited at the other end
MOST_TOGETHER = 20


class Recorder:
    """The process's connection to the controller."""

    def __init__(self, path, token):
        self._path = path
        self._token = token
        self._queue = deque()
        self._socket = None
        self._thread = None
        self._stopping = None
        self._orders = Orders(self)
        self._pid = os.getpid()
        self._gauges = {}
        self._failures = {}
        self._resets = []
        self._hooks = {}
        self._sources = {}
        self.dropped = 0
        self.enabled = True
        self.in_flight = 0
        self.sampler = self.make_sampler = None
        self.names = Names(self._announce)

    # --- what the application's threads call ---

    def begin(self, request=None):
        """Note a request in flight, and make sure this process has its sending thread.

        `request` is given when it stays on the calling thread.
        """
        if self._thread is None or self._pid != os.getpid():
            self._start_thread()
        self.in_flight += 1
        if self.sampler is not None and self.sampler.asleep:
            self.sampler.wake()
        if request is not None:
            request.visit = arrive(request)

    def finish(self, request):
        """Pack a finished request."""
        self.in_flight -= 1
        if self.in_flight <= 0 and self.sampler is not None:
            self.sampler.rest()
        end = request.finish()
        if request.visit is not None:
            depart(request.visit)
            request.visit = None
        try:
            self._put(wire.REQUESTS, pack(request, end))
        except Exception:
            self.dropped += 1  # a number that does not fit its place: the request is the application's first of all
        if request.samples is not None:
            self.sampler.take(request)

    def event(self, kind, value):
        """Queue a JSON frame of any other kind; the sending thread encodes it, outside of all hooks."""
        self._put(kind, value)

    def hook(self, library, state):
        """Note that a library's hooks are active, or why they are not."""
        self._hooks[library] = state
        self.event(wire.HOOK, {"library": library, "state": state})

    def source(self, kind, name, site):
        """Say, once, where a layer, an endpoint or a loop is written (`site` is `file:line:function`)."""
        if site and self._sources.get((kind, name)) != site:
            self._sources[(kind, name)] = site
            self.event(wire.SOURCE, [kind, name, site])

    def gauge(self, name, read):
        """Register `read() -> dict of numbers`, called ten times a second from the sending thread."""
        self._gauges[name] = read

    def on_fork(self, reset):
        """Register what else has to start anew in a forked child."""
        self._resets.append(reset)

    def _put(self, kind, payload):
        if len(self._queue) < QUEUE_LIMIT:
            self._queue.append((kind, payload))
        else:
            self.dropped += 1

    def _announce(self, kind, number, value):
        self.event(wire.DEFINE, [kind, number, value])

    # --- the sending thread ---

    def _start_thread(self):
        if self._pid != os.getpid():
            self.after_fork()
        import threading

        self._stopping = threading.Event()
        thread = threading.Thread(target=self._run, name="nineam-agent", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self.enabled = False  # the process may not have another thread: then it goes unwatched
            return
        self._thread = thread
        self._start_sampler()

    def _start_sampler(self):
        try:
            if self.sampler is None and self.make_sampler is not None:
                self.sampler = self.make_sampler()
            if self.sampler is not None:
                self.sampler.start()
        except Exception as error:
            self.sampler = None
            self.event(wire.SAMPLER, {"kind": "none", "hz": 0, "reason": "failed: %r" % (error,)})

    def before_fork(self):
        """A fork that takes longer than the timer's interval would be interrupted for ever."""
        if self.sampler is not None and not self.sampler.asleep:
            self.sampler.pause()

    def after_fork(self):
        """Start anew in a forked child: its parent's socket, thread and unsent records are not its own."""
        self._pid = os.getpid()
        self._socket = None
        self._thread = None
        self._queue.clear()
        self.in_flight = self.dropped = 0
        self.names.after_fork()
        for reset in self._resets:
            reset()

    def _run(self):
        stopping = self._stopping
        while not stopping.wait(INTERVAL):
            try:
                self._send_gauges()
                if self.sampler is not None:
                    self.sampler.send()
                self.flush()
                self._listen()
            except Exception:
                self.dropped += 1
                self._socket = None

    def _send_gauges(self):
        numbers = {"in_flight": self.in_flight, "dropped": self.dropped, "agent_cpu_s": time.thread_time()}
        for name, read in list(self._gauges.items()):
            try:
                numbers.update(read())
            except Exception as error:
                failures = self._failures[name] = self._failures.get(name, 0) + 1
                if failures == 3:
                    self._gauges.pop(name, None)
                    self.hook(name, "failed: %r" % (error,))
        self.event(wire.GAUGES, {"at_ns": time.perf_counter_ns(), "values": numbers})

    def flush(self):
        """Send what is queued; on any trouble count it as dropped and try again with the next batch."""
        frames, requests, count = [], [], 0
        queue = self._queue
        while queue:
            kind, value = queue.popleft()
            count += 1
            if kind == wire.REQUESTS:
                requests.append(value)
                if len(requests) < MOST_TOGETHER:
                    continue
            if requests:
                frames += _frame(wire.REQUESTS, b"".join(requests))
                requests.clear()
            if kind != wire.REQUESTS:
                frames += _frame(kind, encode(value))
        if requests:
            frames += _frame(wire.REQUESTS, b"".join(requests))
        if not frames:
            return
        try:
            if self._socket is None:
                self._connect()
            self._socket.sendall(b"".join(frames))
        except OSError:
            self.dropped += count
            self._socket = None
            slowing.end()

    def _listen(self):
        """Do what the controller says, a line each: 0 to look away, 1 to look again, and what to slow down."""
        if self._socket is None:
            return
        try:
            self._socket.settimeout(0)
            said = self._socket.recv(4096)
        except OSError:
            return  # nothing was said
        finally:
            self._socket.settimeout(SEND_TIMEOUT_S)
        self._orders.take(said)

    def _connect(self):
        import socket

        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SEND_TIMEOUT_S)
        connection.connect(self._path)
        hello = {
            "token": self._token,
            "pid": os.getpid(),
            "ppid": os.getppid(),
            "python": "%d.%d.%d" % sys.version_info[:3],
            "executable": sys.executable,
            "hooks": self._hooks,
        }
        opening = [(wire.HELLO, hello)]
        opening += [(wire.DEFINE, list(definition)) for definition in self.names.everything()]
        opening += [(wire.SOURCE, [kind, name, site]) for (kind, name), site in list(self._sources.items())]
        for kind, value in opening:
            payload = encode(value)
            connection.sendall(wire.FRAME.pack(len(payload), kind) + payload)
        self._socket = connection

    def stop(self):
        """Send what is left and end the thread."""
        slowing.end()
        if self._thread is not None:
            self._stopping.set()
            self._thread.join(1.0)
            if self.sampler is not None:
                self.sampler.stop()
                self.sampler.send(final=True)
            self.flush()
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _frame(kind, payload):
    return wire.FRAME.pack(len(payload), kind), payload


def encode(value):
    """Return the JSON bytes of a value; text that is not Unicode is replaced, so that the other end can read it."""
    import json

    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
