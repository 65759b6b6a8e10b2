"""Django with asynchronous views, for an ASGI server."""

from django.core.asgi import get_asgi_application

from benchmarks.attribution import wrappers
from benchmarks.attribution.django_settings import configure

configure("benchmarks.attribution.django_async", "SpinningMiddleware", "waiting_middleware")
application = wrappers.AsgiLedger(get_asgi_application())
