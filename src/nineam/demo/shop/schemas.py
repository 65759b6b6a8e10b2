"""What the shop sends and receives."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """Base of the shop's schemas; they read rows as well as dictionaries."""

    model_config = ConfigDict(from_attributes=True)


class Address(Schema):
    """Where a user lives."""

    street: str
    city: str
    postcode: str
    country: str


class Preferences(Schema):
    """What a user likes."""

    language: str
    currency: str
    newsletter: bool
    favourites: list[str]


class UserOut(Schema):
    """A user as everybody may see them."""

    id: int
    email: str
    name: str
    phone: str
    address: Address
    preferences: Preferences
    created_at: datetime


class ItemOut(Schema):
    """A line of an order; `price` is in cents."""

    product: str
    quantity: int
    price: int


class OrderOut(Schema):
    """An order with its lines; `total` is in cents."""

    id: int
    status: str
    customer: str
    items: list[ItemOut]
    total: int
    created_at: datetime


class Credentials(Schema):
    """What the login asks for."""

    email: str
    password: str


class Token(Schema):
    """What the login answers."""

    token: str
    user_id: int


class HealthOut(Schema):
    """What the health check answers."""

    status: str
