"""The same views of REST framework on an ASGI server: what is synchronous runs in threads."""

from django.core.asgi import get_asgi_application

from benchmarks.attribution import wrappers
from benchmarks.attribution.django_settings import configure

configure("benchmarks.attribution.django_rest", "SpinningMiddleware", "waiting_middleware")
application = wrappers.AsgiLedger(get_asgi_application())
