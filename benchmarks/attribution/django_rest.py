"""REST framework's part: everything around a view's handler costs something."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import path
from rest_framework import authentication, generics, pagination, permissions, renderers, serializers, throttling

from benchmarks.attribution import django_costs, ledger, parts, plan, synchronous


class Authentication(authentication.BaseAuthentication):
    """Computes."""

    def authenticate(self, *_: Any) -> None:
        """Let everybody be nobody."""
        ledger.spin("authentication", plan.HOOK_SPIN)


class Permission(permissions.BasePermission):
    """Computes and waits."""

    def has_permission(self, *_: Any) -> bool:
        """Let everybody pass."""
        ledger.spin("permissions", plan.HOOK_SPIN)
        ledger.sleep("permissions", plan.HOOK_WAIT)
        return True


class Throttle(throttling.BaseThrottle):
    """Computes."""

    def allow_request(self, *_: Any) -> bool:
        """Let everybody pass."""
        ledger.spin("throttling", plan.HOOK_SPIN)
        return True


class Pages(pagination.PageNumberPagination):
    """Computes."""

    page_size = 5

    def paginate_queryset(self, *args: Any, **kwargs: Any) -> Any:
        """Take the page."""
        ledger.spin("pagination", plan.HOOK_SPIN)
        with ledger.timed("pagination"):
            return super().paginate_queryset(*args, **kwargs)

    def get_paginated_response(self, *args: Any, **kwargs: Any) -> Any:
        """Put links around the page."""
        with ledger.timed("pagination"):
            return super().get_paginated_response(*args, **kwargs)


class Serializer(serializers.Serializer[Any]):
    """Computes for each row."""

    number = serializers.IntegerField()

    def to_representation(self, instance: Any) -> Any:
        """Serialize a row."""
        ledger.spin("serializer", plan.SERIALIZER / 5)
        with ledger.timed("serializer"):
            return super().to_representation(instance)


class Renderer(renderers.JSONRenderer):
    """Computes."""

    def render(self, *args: Any, **kwargs: Any) -> Any:
        """Render."""
        ledger.spin("renderer", plan.HOOK_SPIN)
        with ledger.timed("renderer"):
            return super().render(*args, **kwargs)


class Work(generics.ListAPIView[Any]):
    """Pays everything that is no business of databases and other services."""

    authentication_classes = (Authentication,)
    permission_classes = (Permission,)
    throttle_classes = (Throttle,)
    pagination_class = Pages
    serializer_class = Serializer
    renderer_classes = (Renderer,)

    def get_queryset(self) -> Sequence[Any]:  # type: ignore[override]
        """Give what would be rows."""
        return [{"number": number} for number in range(20)]

    def list(self, *args: Any, **kwargs: Any) -> Any:
        """Compute, wait, pay the rest, and list."""
        with ledger.within("view"):
            ledger.spin("view", plan.VIEW_SPIN)
            ledger.sleep("view", plan.VIEW_WAIT)
            for pay in (django_costs.template, django_costs.log, django_costs.signal, parts.lock, parts.password):
                pay()
            return super().list(*args, **kwargs)


DATA = django_costs.data_of()


def data(_: Any) -> HttpResponse:
    """Ask the database."""
    with ledger.within(DATA.own):
        synchronous.everything(DATA)
    return HttpResponse("asked")


def calls(_: Any) -> HttpResponse:
    """Ask other services."""
    with ledger.within("view"):
        parts.call()
    return HttpResponse("called")


urlpatterns = [path("work", Work.as_view()), path("data", data), path("calls", calls)]
