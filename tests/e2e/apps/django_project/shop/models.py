from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=50)


class Order(models.Model):
    number = models.IntegerField()
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
