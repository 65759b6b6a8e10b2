"""A trivial view, and one with lazy loading: 21 queries, 120 rows, through Django's ORM from SQLite."""

import watched
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path


def trivial(_request):
    """Answer at once."""
    return JsonResponse({"hello": "world"})


def authors(_request):
    """Give every author with their books."""
    from shelf.models import Author  # noqa: PLC0415 - the registry of applications is not ready before

    found = Author.objects.order_by("id")
    shown = [{"name": one.name, "books": [book.title for book in one.books.order_by("id")]} for one in found]
    return JsonResponse({"authors": shown})


def seen(_request):
    """Tell what was seen."""
    return JsonResponse(watched.seen())


urlpatterns = [path("trivial", trivial), path("authors", authors), path("seen", seen)]
app = watched.wsgi(get_wsgi_application())
