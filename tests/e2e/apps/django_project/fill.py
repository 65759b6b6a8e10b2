"""Makes the database: twelve orders, each of a customer of its own."""

import os

import django
from django.core.management import call_command


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    from shop.models import Customer, Order

    call_command("migrate", run_syncdb=True, verbosity=0)
    for number in range(12):
        Order.objects.create(number=number, customer=Customer.objects.create(name=f"customer {number}"))


main()
