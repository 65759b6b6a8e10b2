from django.urls import path

from . import views

urlpatterns = [
    path("orders/", views.orders),
    path("joined/", views.joined),
    path("orders/<int:pk>/", views.one),
    path("api/orders/", views.OrderList.as_view()),
]
