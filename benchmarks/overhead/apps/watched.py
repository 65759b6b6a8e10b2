"""What an application of the bench does about being watched: nothing, unless its environment names who watches."""

# ruff: noqa: PLC0415 - only who watches is imported
import os
import signal

WATCHER = os.environ.get("WATCHER", "")
DSN = "http://key@127.0.0.1:9/1"  # nobody is there; the transport never tries


class Dropped:
    """What was given last to a transport that drops everything."""

    last = None


def _sentry(**more):
    import sentry_sdk
    from sentry_sdk.transport import Transport

    class Drop(Transport):
        def capture_envelope(self, envelope):
            Dropped.last = envelope

    sentry_sdk.init(dsn=DSN, transport=Drop, traces_sample_rate=1.0, **more)


def start():
    """Start what watches from inside; before the application makes anything."""
    if WATCHER == "sentry":
        _sentry()
    elif WATCHER == "sentry-profiling":
        _sentry(profiles_sample_rate=1.0)
    elif WATCHER == "nineam-no-samples":
        signal.signal(signal.SIGALRM, lambda *_: None)  # the agent leaves the signal to who uses it


def asgi(app):
    """Wrap an ASGI application in pyinstrument, when that is who watches."""
    if WATCHER != "pyinstrument":
        return app
    from pyinstrument import Profiler

    async def profiled(scope, receive, send):
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        with Profiler(async_mode="enabled") as profiler:
            await app(scope, receive, send)
        _keep(profiler)

    return profiled


def wsgi(app):
    """Wrap a WSGI application in pyinstrument, when that is who watches."""
    if WATCHER != "pyinstrument":
        return app
    from pyinstrument import Profiler

    def profiled(environ, start_response):
        with Profiler() as profiler:
            answer = app(environ, start_response)
        _keep(profiler)
        return answer

    return profiled


def _keep(profiler):
    Dropped.last = profiler


def seen():
    """Tell what was seen since this was asked before, as numbers by name.

    OpenTelemetry's spans are counted from the first time to the second, and then no more: counting has a price.
    """
    found = _seen_by_opentelemetry() if WATCHER == "opentelemetry" else _seen_by_others()
    Dropped.last = None
    return found


def _seen_by_others():
    last = Dropped.last
    if hasattr(last, "last_session"):
        return {"stacks": len(last.last_session.frame_records)}
    event = last.get_transaction_event() if last is not None else None
    if event is None:
        return {}
    profiles = sum(item.type == "profile" for item in last.items)
    return {"spans": 1 + len(event["spans"]), "profiles": profiles}


def _seen_by_opentelemetry():
    from opentelemetry import trace
    from opentelemetry.sdk.trace import SpanProcessor

    class Count(SpanProcessor):
        spans = 0

        def on_end(self, span):
            Count.spans += "seen" not in span.name

    processor = getattr(trace.get_tracer_provider(), "_active_span_processor", None)
    if processor is None:
        return {}
    before, processor._span_processors = processor._span_processors, ()
    if not before:
        processor.add_span_processor(Count())
        return {}
    return {"spans": type(before[0]).spans}
