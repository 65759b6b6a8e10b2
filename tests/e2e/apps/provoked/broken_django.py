"""A Django application in one file, with a bug; SAFE=1 in the environment repairs it."""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path

settings.configure(
    DEBUG=False, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="none", USE_TZ=True, LOGGING_CONFIG=None
)
django.setup()
SAFE = os.environ.get("SAFE") == "1"


def page(request):
    """Trusts that a page is a number."""
    text = request.GET.get("page", "1")
    if SAFE and not (text.isascii() and text.isdigit() and len(text) < 9):
        return HttpResponse(status=400)
    return JsonResponse({"page": int(text)})


urlpatterns = [path("pages", page)]
app = get_wsgi_application()
