"""Django with REST framework, synchronous throughout, for a WSGI server."""

from django.core.wsgi import get_wsgi_application

from benchmarks.attribution import wrappers
from benchmarks.attribution.django_settings import configure

configure("benchmarks.attribution.django_rest", "SpinningMiddleware", "waiting_middleware")
application = wrappers.WsgiLedger(get_wsgi_application())
