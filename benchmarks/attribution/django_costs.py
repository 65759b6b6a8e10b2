"""What the Django applications pay beside middlewares, views and the database; and where their data comes from."""

from typing import Any

from django.db.models.signals import post_save
from django.template.loader import render_to_string

from benchmarks.attribution import ledger, parts, plan, synchronous
from benchmarks.attribution.django_settings import DATA, DATABASE


class Sender:
    """Stands for a model that nobody stores."""


def _received(**_: Any) -> None:
    ledger.spin("signal:post_save", plan.HOOK_SPIN)


post_save.connect(_received, sender=Sender)


def template() -> None:
    """Render a template that calls something slow."""
    with ledger.within("template"):
        render_to_string("django_costs.html", {"spin": lambda: ledger.spin("template", plan.TEMPLATE)})


def log() -> None:
    """Log a record."""
    parts.log.warning("somebody was here")


def signal() -> None:
    """Tell a model's receivers."""
    post_save.send(sender=Sender, instance=None)


def data_of() -> synchronous.Data:
    """Make the data access that the harness asks for."""
    if DATA == "django":
        from benchmarks.attribution.django_models import Orm  # noqa: PLC0415 - there are no models without a database

        return Orm()
    return synchronous.data_of(DATA, DATABASE)
