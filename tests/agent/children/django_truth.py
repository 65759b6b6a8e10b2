"""Asks the Django shop for everything, as a server would, and says what each request really took."""

import asyncio
import json
import logging
import sys

import django_shop
from django_calls import call_wsgi
from driver import call

ROUNDS = 4


def ask(kind):
    """Return `ask(path, method, content) -> (status, text, nanoseconds)`."""
    if kind == "wsgi":
        from django.core.wsgi import get_wsgi_application

        app = get_wsgi_application()
        return lambda path, method="GET", content=b"": call_wsgi(app, path, method, content)
    from django.core.asgi import get_asgi_application

    app, loop = get_asgi_application(), asyncio.new_event_loop()

    def asking(path, method="GET", content=b""):
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        return loop.run_until_complete(call(app, path, method, headers, content))

    return asking


def answer(told):
    status, text, taken = told
    return {"status": status, "text": text.decode(), "ms": taken / 1e6, "truth": list(django_shop.truth)}


def main():
    logging.disable(logging.CRITICAL)
    asking = ask(sys.argv[1])
    django_shop.fill()
    seen = {}
    paths = [
        "/view", "/orders/7/", "/class/7", "/waits", "/awaited", "/lazy", "/joined", "/prefetched", "/reverse", "/one",
        "/many", "/deferred", "/gets", "/page", "/late", "/writes", "/iterates", "/fails", "/streams", "/pours",
        *(["/drips"] if sys.argv[1] == "asgi" else []), "/old/2024/x/", "/sub/abc", "/nowhere",
        *(["/api/orders", "/api/refuse"] if django_shop.REST else []),
    ]  # fmt: skip
    for path in paths:
        seen[path] = []
        for _ in range(ROUNDS):
            django_shop.truth.clear()
            seen[path].append(answer(asking(path)))
    for path, content in [("/body", b"x" * 1000), *([("/api/accept", b'{"name": "n"}')] if django_shop.REST else [])]:
        seen[path] = [answer(asking(path, "POST", content))]
    print(json.dumps(seen))


main()
