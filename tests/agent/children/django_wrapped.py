"""The Django shop inside something else, on a server of the standard library; closing an answer takes its time."""

import io
import json
from wsgiref.handlers import SimpleHandler

import django_shop
from django.core.signals import request_finished
from django.core.wsgi import get_wsgi_application


class Around:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        django_shop.busy(3)
        return self.app(environ, start_response)


def closes(**_):
    django_shop.busy(8)


request_finished.connect(closes)
app = Around(get_wsgi_application())
for _ in range(3):
    django_shop.truth.clear()
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/view", "SERVER_NAME": "x", "SERVER_PORT": "80"}
    SimpleHandler(io.BytesIO(), io.BytesIO(), io.StringIO(), environ).run(app)
print(json.dumps(django_shop.truth))
