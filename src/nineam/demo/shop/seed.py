"""The shop's data: `python -m nineam.demo.shop.seed` fills the database of `DATABASE_URL`.

The sizes are the smallest at which the sins cost what they cost in real shops: 100 users fill one page and
make its serialization milliseconds; 250 orders of 100 customers with 48 products give a page of 20 orders
nearly as many customers and some thirty products, so that lazy loading asks about seventy times; and the
whole is small enough that every query is instant on localhost, missing index or not, which is the point.
"""

import os
import random
import sys
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, insert, inspect, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from nineam.errors import ApplicationError, NineamError, UsageError

from .models import Base, Order, OrderItem, Product, User
from .security import hash_password
from .settings import read_settings
from .sins import ALL_SINS, MISSING_INDEX

USERS = 100
ORDERS = 250
PASSWORD = "monday morning"  # noqa: S105 - everybody's password in a shop that exists for a minute
START = datetime(2026, 1, 5, 9, 0)  # a Monday
INDEXES = (
    "CREATE INDEX ix_orders_status_created_at ON orders (status, created_at)",
    "CREATE INDEX ix_orders_customer_id_created_at ON orders (customer_id, created_at)",
)
THINGS = (
    ("Alarm clock", 1990),
    ("Coffee mug", 1250),
    ("Espresso cup", 890),
    ("Desk lamp", 4500),
    ("Notebook", 650),
    ("Fountain pen", 3900),
    ("Umbrella", 2400),
    ("Lunch box", 1320),
    ("Headphones", 12900),
    ("Plant pot", 1490),
    ("Wall calendar", 1100),
    ("Backpack", 5900),
)
COLOURS = ("red", "blue", "green", "black")
PRODUCTS = tuple((f"{thing}, {colour}", price) for thing, price in THINGS for colour in COLOURS)
CITIES = (("Lyon", "FR"), ("Graz", "AT"), ("Porto", "PT"), ("Gent", "BE"), ("Turku", "FI"), ("Brno", "CZ"))
STATUSES = ("paid", "paid", "shipped", "returned")


def user_email(number: int) -> str:
    """Give the address of the user with this number, 1 to `USERS`."""
    return f"user{number}@shop.example"


def user_rows(numbers: random.Random) -> list[dict[str, Any]]:
    """All users; one hash serves them all, because a hundred would take longer than the demo may."""
    password_hash = hash_password(PASSWORD, numbers.randbytes(16))
    return [_user_row(number, password_hash, numbers) for number in range(1, USERS + 1)]


def _user_row(number: int, password_hash: str, numbers: random.Random) -> dict[str, Any]:
    city, country = numbers.choice(CITIES)
    names = [thing for thing, _ in THINGS]
    return {
        "id": number,
        "email": user_email(number),
        "name": f"Customer Number {number}",
        "phone": f"+33 4 {numbers.randrange(10**8):08d}",
        "password_hash": password_hash,
        "address": {
            "street": f"{numbers.randint(1, 200)} Station Road",
            "city": city,
            "postcode": f"{numbers.randrange(10**5):05d}",
            "country": country,
        },
        "preferences": {
            "language": country.lower(),
            "currency": "EUR",
            "newsletter": numbers.random() < 0.5,
            "favourites": numbers.sample(names, 4),
        },
        "created_at": START - timedelta(days=numbers.randint(1, 900)),
    }


def order_rows(numbers: random.Random) -> list[dict[str, Any]]:
    """All orders, one every seven minutes from `START` on."""
    return [
        {
            "id": number,
            "customer_id": numbers.randint(1, USERS),
            "status": numbers.choice(STATUSES),
            "created_at": START + timedelta(minutes=7 * number),
        }
        for number in range(1, ORDERS + 1)
    ]


def item_rows(numbers: random.Random) -> list[dict[str, Any]]:
    """Two to four different products in every order."""
    rows: list[dict[str, Any]] = []
    for order in range(1, ORDERS + 1):
        for product in numbers.sample(range(1, len(PRODUCTS) + 1), numbers.randint(2, 4)):
            price = PRODUCTS[product - 1][1]
            quantity = numbers.randint(1, 3)
            rows.append({"order_id": order, "product_id": product, "quantity": quantity, "price": price})
    return rows


def seed(url: str, sins: frozenset[str] = ALL_SINS, seed_number: int = 1) -> None:
    """Create and fill the shop's tables in the database of an SQLAlchemy URL, and tell the planner about them.

    Raises `UsageError` when the URL is none or one of the tables is there already (nothing is ever dropped),
    `ApplicationError` when the database does not answer.
    """
    engine = _engine(url)
    try:
        _refuse_used(engine)
        with engine.begin() as connection:
            _fill(connection, random.Random(seed_number), indexed=MISSING_INDEX.name not in sins)  # noqa: S311
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    except SQLAlchemyError as error:
        raise ApplicationError(
            f"seed: the shop's database refused: {str(error).splitlines()[0]}",
            hint="check DATABASE_URL",
        ) from error
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    try:
        return create_engine(url)
    except (ArgumentError, ImportError) as error:
        raise UsageError(
            f"DATABASE_URL cannot be used: {error}",
            hint="expected an SQLAlchemy URL such as postgresql+psycopg://user:password@127.0.0.1/shop",
        ) from error


def _fill(connection: Connection, numbers: random.Random, *, indexed: bool) -> None:
    Base.metadata.create_all(connection)
    products = [{"id": number, "name": name, "price": price} for number, (name, price) in enumerate(PRODUCTS, 1)]
    connection.execute(insert(User), user_rows(numbers))
    connection.execute(insert(Product), products)
    connection.execute(insert(Order), order_rows(numbers))
    connection.execute(insert(OrderItem), item_rows(numbers))
    for statement in INDEXES if indexed else ():
        connection.execute(text(statement))


def _refuse_used(engine: Engine) -> None:
    used = sorted(set(inspect(engine).get_table_names()) & set(Base.metadata.tables))
    if used:
        raise UsageError(
            f"seed: the database already has the table {used[0]!r}; expected an empty database",
            hint="point DATABASE_URL at a new database; seeding never drops anything",
        )


def main() -> int:
    """Seed the database of the environment; returns the exit code."""
    try:
        settings = read_settings(os.environ)
        seed(settings.database_url, settings.sins)
    except NineamError as error:
        print(error.message, error.hint, sep="\n", file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
