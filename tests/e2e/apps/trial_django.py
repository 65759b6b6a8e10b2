"""A Django project in one file, its database named in the settings."""

import os
from concurrent.futures import ThreadPoolExecutor

import django
from django.conf import settings

SINS = os.environ.get("SINS", "")

settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="none",
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "postgres",
            "HOST": "127.0.0.1",
            "PORT": 5432,
            "CONN_MAX_AGE": 60,
            "OPTIONS": {} if "no-connect-timeout" in SINS else {"connect_timeout": 2},
        }
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - settings come first
from django.db import connection  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

QUERIES = 12 if "one-by-one" in SINS else 1


threads = ThreadPoolExecutor(2)


def answer(statement, times=1):
    with connection.cursor() as cursor:
        for _ in range(times):
            cursor.execute(statement)
        return cursor.fetchone()[0]


def orders(request):
    if "own-threads" in SINS:  # Django closes broken connections at the end of requests only, in their own thread
        return HttpResponse(threads.submit(answer, "SELECT 1").result())
    return HttpResponse(answer("SELECT 1", QUERIES))


def report(request):
    return HttpResponse(answer("SELECT pg_sleep(0.07)"))


def plain(request):
    return HttpResponse("plain")


urlpatterns = [path("orders", orders), path("report", report), path("plain", plain)]
application = get_wsgi_application()
