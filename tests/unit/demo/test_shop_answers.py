"""The shop answers the same whatever it does wrong inside."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from nineam import demo
from nineam.demo.shop.main import app as default_app
from nineam.demo.shop.seed import ORDERS, PASSWORD, USERS, main, seed, user_email
from nineam.demo.shop.sins import ALL_SINS
from nineam.errors import ApplicationError, UsageError

TARGETS = ("/api/users", "/api/orders", "/api/orders?status=shipped", "/api/orders?customer_id=3", "/health")


@pytest.mark.parametrize("target", TARGETS)
def test_the_answer_is_the_same_with_every_sin_with_none_and_with_each(shop, request_shop, target):
    expected = request_shop(shop(), "GET", target)
    assert expected.status == 200
    for sins in (ALL_SINS, *({sin} for sin in sorted(ALL_SINS))):
        answer = request_shop(shop(*sins), "GET", target)
        assert (answer.status, answer.json()) == (200, expected.json()), sins
        assert int(answer.headers["content-length"]) == len(answer.body)


def test_users_are_a_full_page_without_password_hashes(shop, request_shop):
    answer = request_shop(shop(), "GET", "/api/users")
    people = answer.json()
    assert len(people) == USERS
    assert people[0]["email"] == user_email(1)
    assert set(people[0]["address"]) == {"street", "city", "postcode", "country"}
    assert b"password" not in answer.body


def test_orders_are_the_latest_paid_ones_first_and_their_totals_add_up(shop, request_shop):
    orders = request_shop(shop(), "GET", "/api/orders").json()
    assert len(orders) == 20
    assert [order["created_at"] for order in orders] == sorted((o["created_at"] for o in orders), reverse=True)
    for order in orders:
        assert order["status"] == "paid"
        assert 2 <= len(order["items"]) <= 4
        assert order["total"] == sum(item["price"] * item["quantity"] for item in order["items"])


def test_an_unknown_customer_has_no_orders(shop, request_shop):
    assert request_shop(shop(), "GET", "/api/orders?customer_id=4000").json() == []


def test_the_right_password_gets_a_token(shop, request_shop):
    answer = request_shop(shop(*ALL_SINS), "POST", "/auth/login", {"email": user_email(7), "password": PASSWORD})
    assert answer.status == 200
    assert answer.json()["user_id"] == 7
    assert len(answer.json()["token"]) > 20


@pytest.mark.parametrize("email", [user_email(7), "nobody@shop.example"])
def test_a_wrong_password_and_an_unknown_address_are_refused_alike(shop, request_shop, email):
    answer = request_shop(shop(*ALL_SINS), "POST", "/auth/login", {"email": email, "password": "tuesday"})
    assert (answer.status, answer.json()) == (401, {"detail": "wrong email or password"})


def test_seeding_twice_gives_the_same_shop_and_a_used_database_is_refused(shop_url, tmp_path):
    first, second = (f"sqlite:///{tmp_path / name}" for name in ("first.db", "second.db"))
    for url in (first, second):
        seed(url)

    def rows(url):
        with create_engine(url).connect() as connection:
            return connection.exec_driver_sql("SELECT * FROM users, orders WHERE orders.customer_id = users.id").all()

    assert len(rows(first)) == ORDERS
    assert rows(first) == rows(second)
    with pytest.raises(UsageError, match="already has the table"):
        seed(first)


def test_a_refused_database_keeps_what_it_had(tmp_path):
    url = f"sqlite:///{tmp_path / 'mine.db'}"
    with create_engine(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE users (mine TEXT)")
    with pytest.raises(UsageError, match="'users'"):
        seed(url)
    assert inspect(create_engine(url)).get_table_names() == ["users"]


def test_a_database_that_does_not_answer_is_an_application_error(tmp_path):
    with pytest.raises(ApplicationError, match="refused"):
        seed(f"sqlite:///{tmp_path / 'no' / 'such' / 'directory.db'}")


def test_an_url_that_is_none_is_a_usage_error():
    with pytest.raises(UsageError, match="DATABASE_URL"):
        seed("not an url")


def test_the_seed_command_prints_its_error_and_ends_with_its_code(monkeypatch, capsys):
    monkeypatch.setenv("SHOP_SINS", "smal-pool")
    assert main() == 2
    assert "did you mean 'small-pool'" in capsys.readouterr().err


def test_the_journeys_call_endpoints_that_exist_with_the_seeded_password():
    tree = ast.parse((Path(demo.__file__).parent / "monday.py").read_text())
    constants = {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)}
    assert constants == {"USERS": USERS, "PASSWORD": PASSWORD}
    calls = {
        (node.func.attr.upper(), node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "post")
    }
    served = {(method.upper(), path) for path, item in default_app.openapi()["paths"].items() for method in item}
    assert calls == served - {("GET", "/health")}
