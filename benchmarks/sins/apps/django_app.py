"""Django, REST framework and requests, for gunicorn."""

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import django
import requests
from django.conf import settings

from benchmarks.sins.apps.switch import SECRET, collect_often, sin, spin

WHERE = urlsplit(os.environ["DATABASE_URL"])
TAKEN = 4 * sin("herring-pool")
CONNECTIONS = 1 if sin("small-pool") or sin("connection-held") else 4 + TAKEN
SERVICE = os.environ.get("SERVICE_URL", "http://127.0.0.1:9")
PAGE = "<ul>{% for n in rows %}<li>{{ n }} {{ 'book' | upper | center:20 }}</li>{% endfor %}</ul>"

settings.configure(
    SECRET_KEY=SECRET,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    MIDDLEWARE=[f"{__name__}.Tax"] if sin("middleware-tax") else [],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql", "NAME": WHERE.path[1:], "HOST": WHERE.hostname,
            "PORT": WHERE.port, "USER": WHERE.username, "PASSWORD": WHERE.password or "",
            "OPTIONS": {"pool": {"min_size": CONNECTIONS, "max_size": CONNECTIONS, "timeout": 60}},
        }
    },
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    REST_FRAMEWORK={"UNAUTHENTICATED_USER": None, "DEFAULT_AUTHENTICATION_CLASSES": []},
    LOGGING_CONFIG=None,
)  # fmt: skip
django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402 - settings come first
from django.db import connection, models, transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import Context, engines  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.decorators import api_view  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402

turn = threading.Lock()
connection.pool.open()
kept = [connection.pool.getconn() for _ in range(TAKEN)]
collect_often()
template = engines["django"].from_string(PAGE)
log = logging.getLogger("shop")
log.setLevel(logging.INFO)
log.propagate = False
log.addHandler(logging.FileHandler(os.devnull))


class Tax:
    """What all requests pay."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Compute, then go on."""
        spin(6 * sin("middleware-tax"))  # sin: middleware-tax
        return self.get_response(request)


class Author(models.Model):
    """Who writes."""

    name = models.TextField()

    class Meta:
        """Made by SQLAlchemy."""

        app_label = "shop"
        db_table = "author"
        managed = False


class Book(models.Model):
    """What is written."""

    title = models.TextField()
    year = models.IntegerField()
    pages = models.IntegerField()
    text = models.TextField()
    author = models.ForeignKey(Author, models.CASCADE)

    class Meta:
        """Made by SQLAlchemy."""

        app_label = "shop"
        db_table = "book"
        managed = False


class BookSerializer(serializers.ModelSerializer[Book]):
    """A book with its author's name."""

    author = serializers.SerializerMethodField()
    blurb = serializers.SerializerMethodField()

    class Meta:
        """Of the model."""

        model = Book
        fields = ("id", "title", "author", "blurb")

    def get_author(self, book: Book) -> str:
        """Return the author's name."""
        return str(book.author.name)  # sin: n-plus-one

    def get_blurb(self, book: Book) -> str:
        """Return what is said of it."""
        words = [book.title]
        for _ in range(40 * sin("slow-serializer")):
            words = json.loads(json.dumps(words))  # sin: slow-serializer
        return " ".join(words)


def ask(milliseconds: float) -> None:
    """Ask the other service for something that takes so long."""
    requests.get(f"{SERVICE}/?ms={milliseconds}", timeout=10)


def run(statement: str, *parameters: object) -> list[Any]:
    """Run a statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


@api_view(["GET"])
def books(_: Request) -> Response:
    """Thirty books with their authors."""
    for _ in range(20 * sin("duplicate-query")):
        run("SELECT n FROM counter WHERE id = %s", 1)  # sin: duplicate-query
    if slow := sin("slow-query"):
        run(
            f"SELECT count(*) FROM book, generate_series(1, {40 * slow}) s WHERE length(book.text || s) > 0"
        )  # sin: slow-query
    if sin("small-pool"):
        run(f"SELECT pg_sleep({0.02 * sin('small-pool')})")  # sin: small-pool
    much = sin("n-plus-one")
    found = Book.objects.order_by("id")[: 30 * (much or 1)]
    return Response(BookSerializer(found if much else found.select_related("author"), many=True).data)


@api_view(["GET"])
def book(_: Request, book_id: int) -> Response:
    """One book."""
    title = Book.objects.get(pk=book_id % 2000 + 1).title
    if waits := sin("connection-held"):
        ask(40 * waits)  # sin: connection-held
    for line in range(300 * sin("chatty-logging")):
        log.info("book %d line %d %s", book_id, line, title)  # sin: chatty-logging
    if waits := sin("slow-dependency"):
        connection.close()
        ask(80 * waits)  # sin: slow-dependency
    return Response({"title": title})


@api_view(["GET"])
def years(_: Request) -> Response:
    """How many books there are since 1950."""
    if much := sin("orm-hydration"):
        return Response(
            {"count": sum(each.year > 1950 for each in Book.objects.all()[: 500 * much])}
        )  # sin: orm-hydration
    return Response({"count": Book.objects.filter(year__gt=1950).count()})


def page(_: HttpRequest) -> HttpResponse:
    """A page made of a template."""
    rows = range(500 * sin("slow-template") or 10)
    return HttpResponse(template.template.render(Context({"rows": rows})))  # sin: slow-template


@api_view(["GET"])
def offers(_: Request) -> Response:
    """What other services say."""
    for _ in range(6 * sin("n-plus-one-http") or 1):
        ask(8 if sin("n-plus-one-http") else 1)  # sin: n-plus-one-http
    return Response({"ok": True})


@api_view(["GET"])
def visits(_: Request) -> Response:
    """Count this visit."""
    run("SELECT id FROM counter")
    if much := sin("row-lock"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE counter SET n = n + 1 WHERE id = 1")  # sin: row-lock
            time.sleep(0.06 * much)
    if much := sin("lock"):
        connection.close()
        with turn:  # sin: lock
            time.sleep(0.06 * much)
    return Response({"ok": True})


@api_view(["GET"])
def login(_: Request) -> Response:
    """Check a password."""
    if much := sin("password-hash"):
        hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 60_000 * much)  # sin: password-hash
    spin(20 * sin("slow-view"))  # sin: slow-view
    return Response({"ok": True})


def health(_: HttpRequest) -> HttpResponse:
    """Say that it is up."""
    return HttpResponse("ok")


urlpatterns = [
    path("books", books), path("books/<int:book_id>", book), path("years", years), path("page", page),
    path("offers", offers), path("visits", visits), path("login", login), path("health", health),
]  # fmt: skip
application = WSGIHandler()
