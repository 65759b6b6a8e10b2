"""The Django shop on PostgreSQL with a pool of one: alone, and six requests at once."""

import json
import threading

import django_shop
from django.core.wsgi import get_wsgi_application
from django_calls import call_wsgi

TOGETHER = 6


def main():
    app = get_wsgi_application()
    django_shop.fill()
    statuses = [call_wsgi(app, path)[0] for path in ("/lazy", "/lazy", "/joined", "/sleeps", "/sleeps")]
    threads = [threading.Thread(target=call_wsgi, args=(app, "/sleeps")) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    django_shop.connection.close_pool()
    print(json.dumps(statuses))


main()
