from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from rest_framework import generics, serializers

from .models import Order


def orders(request):
    return JsonResponse({"customers": [order.customer.name for order in Order.objects.order_by("id")]})


def joined(request):
    found = Order.objects.select_related("customer").order_by("id")
    return JsonResponse({"customers": [order.customer.name for order in found]})


def one(request, pk):
    return JsonResponse({"number": get_object_or_404(Order, pk=pk).number})


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ("id", "number")


class OrderList(generics.ListAPIView):
    queryset = Order.objects.order_by("id")
    serializer_class = OrderSerializer
