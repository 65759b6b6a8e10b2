"""Asks the Django shop for one page, twice, in this process; says what was really spent the second time."""

import json
import sys

import django_shop
from django.core.wsgi import get_wsgi_application
from django_calls import call_wsgi

app = get_wsgi_application()
for _ in range(2):
    django_shop.truth.clear()
    status, _, _ = call_wsgi(app, sys.argv[1])
print(json.dumps({"status": status, "truth": django_shop.truth}))
