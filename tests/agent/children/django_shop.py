"""A Django project in one file: models, views with known costs, middlewares of every kind, REST framework if there."""

import asyncio
import json
import os
import threading
import time
from pathlib import Path

import django
from django.conf import settings

try:
    import rest_framework  # noqa: F401 - only whether it is there
except ImportError:
    REST = False
else:
    REST = True

truth = []
FILE = Path(__file__)


def busy(milliseconds):
    begin = time.perf_counter_ns()
    time.sleep(milliseconds / 1000)
    truth.append((time.perf_counter_ns() - begin) / 1e6)


def configure():
    middlewares = os.environ.get("SHOP_MIDDLEWARE", "Classic,plain,Modern").split(",")
    settings.configure(
        SECRET_KEY="not a secret",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="django_shop",
        INSTALLED_APPS=[FILE.stem, "django.contrib.contenttypes", "django.contrib.auth", *["rest_framework"] * REST],
        MIDDLEWARE=["django_shop." + name for name in middlewares],
        DATABASES={"default": json.loads(os.environ["SHOP_DATABASE"])},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [FILE.parent / "templates"]}],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": []},
    )  # fmt: skip
    django.setup()


configure()

from django.db import connection, models, transaction  # noqa: E402 - only once configured
from django.db.models.signals import post_save  # noqa: E402
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.template.response import TemplateResponse  # noqa: E402
from django.urls import include, path, re_path  # noqa: E402
from django.utils.decorators import sync_and_async_middleware  # noqa: E402
from django.utils.deprecation import MiddlewareMixin  # noqa: E402
from django.views import View  # noqa: E402

ORDERS = 12


class Customer(models.Model):
    name = models.CharField(max_length=20)


class Tag(models.Model):
    name = models.CharField(max_length=20)


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
    payer = models.ForeignKey(Customer, models.CASCADE, related_name="+", null=True)
    tags = models.ManyToManyField(Tag)
    note = models.CharField(max_length=200, default="")


class Invoice(models.Model):
    order = models.OneToOneField(Order, models.CASCADE)


def fill():
    """Make the tables and their rows, and leave no connection behind for a server to inherit."""
    with connection.schema_editor() as editor:
        for model in (Customer, Tag, Order, Invoice):
            editor.create_model(model)
    tag = Tag.objects.create(name="new")
    for number in range(ORDERS):
        customer = Customer.objects.create(name=f"c{number}")
        order = Order.objects.create(customer=customer, note="n" * 100)
        order.tags.add(tag)
        Invoice.objects.create(order=order)
    connection.close()


class Classic(MiddlewareMixin):
    def process_request(self, request):
        busy(3)

    def process_view(self, request, view, args, kwargs):
        busy(2)

    def process_response(self, request, response):
        busy(3)
        return response


def plain(get_response):
    def middleware(request):
        busy(2)
        response = get_response(request)
        busy(2)
        return response

    return middleware


@sync_and_async_middleware
def both(get_response):
    if asyncio.iscoroutinefunction(get_response):

        async def middleware(request):
            begin = time.perf_counter_ns()
            await asyncio.sleep(0.004)
            truth.append((time.perf_counter_ns() - begin) / 1e6)
            return await get_response(request)
    else:

        def middleware(request):
            busy(4)
            return get_response(request)

    return middleware  # fmt: skip


class Modern:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        busy(3)
        response = self.get_response(request)
        response["x-modern"] = "1"
        busy(3)
        return response


def view(request, pk=0):
    busy(10)
    return JsonResponse({"pk": pk})


async def waits(request):
    begin = time.perf_counter_ns()
    await asyncio.sleep(0.01)
    truth.append((time.perf_counter_ns() - begin) / 1e6)
    return JsonResponse({"ok": True})


async def awaited(request):
    order = await Order.objects.aget(pk=1)
    return JsonResponse({"note": order.note})


def lazy(request):
    return JsonResponse({"names": [order.customer.name for order in Order.objects.order_by("id")]})  # forward


def joined(request):
    orders = Order.objects.select_related("customer").order_by("id")
    return JsonResponse({"names": [order.customer.name for order in orders]})


def prefetched(request):
    customers = Customer.objects.prefetch_related("orders").order_by("id")
    return JsonResponse({"counts": [len(customer.orders.all()) for customer in customers]})


def reverse_many(request):
    return JsonResponse({"counts": [len(customer.orders.all()) for customer in Customer.objects.all()]})  # reverse


def reverse_one(request):
    return JsonResponse({"ids": [order.invoice.id for order in Order.objects.all()]})  # one-to-one


def many_to_many(request):
    return JsonResponse({"counts": [len(order.tags.all()) for order in Order.objects.all()]})  # many-to-many


def deferred(request):
    return JsonResponse({"notes": [order.note for order in Order.objects.defer("note")]})  # deferred


def loop_of_get(request):
    return JsonResponse({"names": [Customer.objects.get(pk=number).name for number in range(1, 8)]})  # get


def page(request):
    return render(request, "orders.html", {"orders": Order.objects.order_by("id"), "busy": lambda: busy(5) or ""})


def late_page(request):
    return TemplateResponse(request, "orders.html", {"orders": [], "busy": lambda: busy(5) or ""})


def writes(request):
    with transaction.atomic():
        customer = Customer.objects.create(name="new")
        customer.name = "newer"
        customer.save()
        customer.delete()
    return HttpResponse("done")


def iterates(request):
    return JsonResponse({"ids": [order.id for order in Order.objects.iterator(chunk_size=5)]})


def sleeps(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [0.05])
        return JsonResponse({"rows": len(cursor.fetchall())})


def fails(request):
    raise ValueError("on purpose")


def streams(request):
    return StreamingHttpResponse(iter(["a", "b"]))


def pours(request):
    def pieces():
        for piece in ("a", "b"):
            busy(5)
            yield piece

    return StreamingHttpResponse(pieces())


async def drips(request):
    async def pieces():
        for piece in ("a", "b"):
            begin = time.perf_counter_ns()
            await asyncio.sleep(0.005)
            truth.append((time.perf_counter_ns() - begin) / 1e6)
            yield piece

    return StreamingHttpResponse(pieces())


def waits_for_a_thread(request):
    event = threading.Event()
    threading.Timer(0.02, event.set).start()
    begin = time.perf_counter_ns()
    event.wait()
    return JsonResponse({"ms": (time.perf_counter_ns() - begin) / 1e6})


def body(request):
    return HttpResponse(str(len(request.body)))


class Orders(View):
    def get(self, request, pk):
        return JsonResponse({"pk": pk})


def received(sender, instance, **kwargs):
    if kwargs.get("created") and instance.__class__ is Customer and instance.name == "new":
        busy(4)


post_save.connect(received)

urlpatterns = [
    path("view", view), path("orders/<int:pk>/", view), path("class/<int:pk>", Orders.as_view()), path("waits", waits),
    path("awaited", awaited), path("lazy", lazy), path("joined", joined), path("prefetched", prefetched),
    path("reverse", reverse_many), path("one", reverse_one), path("many", many_to_many), path("deferred", deferred),
    path("gets", loop_of_get), path("page", page), path("late", late_page), path("writes", writes),
    path("iterates", iterates), path("fails", fails), path("streams", streams), path("body", body),
    re_path(r"^old/(?P<year>[0-9]{4})/(\w+)/$", lambda request, *a, **k: HttpResponse("old")),
    path("sleeps", sleeps), path("pours", pours), path("drips", drips), path("thread", waits_for_a_thread),
    path("sub/", include([re_path(r"^(?P<name>[a-z]+)$", lambda request, name: HttpResponse(name))])),
]  # fmt: skip

if REST:
    from rest_framework import authentication, generics, pagination, permissions, serializers, throttling
    from rest_framework.decorators import api_view
    from rest_framework.response import Response

    class Authentication(authentication.BaseAuthentication):
        def authenticate(self, request):
            busy(2)

    class Permission(permissions.BasePermission):
        def has_permission(self, request, view):
            busy(3)
            return True

    class Throttle(throttling.BaseThrottle):
        def allow_request(self, request, view):
            busy(4)
            return True

    class Pages(pagination.PageNumberPagination):
        page_size = ORDERS

        def paginate_queryset(self, *args, **kwargs):
            busy(5)
            return super().paginate_queryset(*args, **kwargs)

    class CustomerSerializer(serializers.ModelSerializer):
        class Meta:
            model = Customer
            fields = ("id", "name")

    class OrderSerializer(serializers.ModelSerializer):
        customer = CustomerSerializer()
        slow = serializers.SerializerMethodField()

        class Meta:
            model = Order
            fields = ("id", "note", "customer", "slow")

        def get_slow(self, order):
            if order.id == 1:
                busy(6)
            return 1

    class OrderList(generics.ListAPIView):
        serializer_class = OrderSerializer
        authentication_classes = [Authentication]
        permission_classes = [Permission]
        throttle_classes = [Throttle]
        pagination_class = Pages

        def get_queryset(self):
            return Order.objects.order_by("id")

        def list(self, request):
            busy(7)
            return super().list(request)

    @api_view(["POST"])
    def accept(request):
        serializer = CustomerSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.validated_data)

    @api_view(["GET"])
    def refuse(request):
        raise serializers.ValidationError("on purpose")

    urlpatterns += [path("api/orders", OrderList.as_view()), path("api/accept", accept), path("api/refuse", refuse)]
