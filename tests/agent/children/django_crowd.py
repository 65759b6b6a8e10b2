"""Asks the Django shop for the same thing many times at once, under ASGI, and says what views say they waited."""

import asyncio
import json
import logging

import django_shop
from django.core.asgi import get_asgi_application
from driver import call

CROWD = 20


async def main():
    app = get_asgi_application()
    answers = {}
    for path in ("/view", "/waits", "/awaited", "/thread"):
        for _ in range(2):  # the first time is for what is done once
            together = await asyncio.gather(*(asyncio.create_task(call(app, path)) for _ in range(CROWD)))
        answers[path] = [json.loads(body) for _, body, _ in together]
    return answers


logging.disable(logging.CRITICAL)
django_shop.fill()
print(json.dumps(asyncio.run(main())))
