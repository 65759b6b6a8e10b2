"""A Django project in one file, its database named in the settings."""

import os

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


def orders(request):
    with connection.cursor() as cursor:
        for _ in range(QUERIES):
            cursor.execute("SELECT 1")
        return HttpResponse(cursor.fetchone()[0])


def plain(request):
    return HttpResponse("plain")


urlpatterns = [path("orders", orders), path("plain", plain)]
application = get_wsgi_application()
