"""What is usually done instead: Faker makes values, the ORM makes rows."""

import random
import time
from datetime import datetime

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from nineam.demo.shop.models import Order, OrderItem, Product, User

BATCH = 500
PER_USER, PER_ORDER = 3, 3


def rows_per_second(url: str, rows: int) -> float:
    """Add about so many rows to a seeded shop, committed every `BATCH` users; how many a second.

    A user has three orders of three items each. Raises ImportError without Faker (`pip install faker`).
    """
    from faker import Faker  # noqa: PLC0415 - measured against, and needed for nothing else

    faker, numbers = Faker(), random.Random(1)
    faker.seed_instance(1)
    users = max(1, rows // (1 + PER_USER * (1 + PER_ORDER)))
    engine = create_engine(url)
    began = time.perf_counter()
    with Session(engine) as session:
        products = list(session.scalars(select(Product.id)))
        for number in range(users):
            session.add(_user(faker, numbers, products, f"{time.time_ns()}{number}"))
            if number % BATCH == BATCH - 1:
                session.commit()
        session.commit()
    seconds = time.perf_counter() - began
    engine.dispose()
    return users * (1 + PER_USER * (1 + PER_ORDER)) / seconds


def _user(faker, numbers: random.Random, products: list[int], unique: str) -> User:
    return User(
        email=f"{unique}.{faker.email()}",
        name=faker.name(),
        phone=faker.phone_number(),
        password_hash=faker.sha256(),
        address={"street": faker.street_address(), "city": faker.city(), "country": faker.country_code()},
        preferences={"language": faker.language_code(), "newsletter": faker.boolean()},
        created_at=faker.date_time(),
        orders=[_order(faker, numbers, products) for _ in range(PER_USER)],
    )


def _order(faker, numbers: random.Random, products: list[int]) -> Order:
    items = [
        OrderItem(
            product_id=numbers.choice(products), quantity=numbers.randint(1, 3), price=faker.random_int(100, 9999)
        )
        for _ in range(PER_ORDER)
    ]
    return Order(status=faker.random_element(["paid", "shipped"]), created_at=datetime(2026, 1, 1), items=items)
