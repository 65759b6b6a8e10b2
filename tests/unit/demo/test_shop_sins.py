"""Every sin is a switch: on it does what it says, off it does not."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, inspect, select

import nineam.demo.shop as shop_package
from nineam.demo.shop import serializers
from nineam.demo.shop.middleware import RequestLogMiddleware, SecurityHeadersMiddleware, StaticHeaders
from nineam.demo.shop.models import User
from nineam.demo.shop.routers import auth, users
from nineam.demo.shop.schemas import UserOut
from nineam.demo.shop.seed import PASSWORD, seed, user_email
from nineam.demo.shop.settings import read_settings
from nineam.demo.shop.sins import ALL_SINS, SINS, parse_sins
from nineam.errors import UsageError

LOGIN = {"email": user_email(7), "password": PASSWORD}


def queries_of(app, request_shop, method, target) -> int:
    statements = []
    event.listen(app.state.shop.engine, "before_cursor_execute", lambda *parts: statements.append(parts[2]))
    assert request_shop(app, method, target).status == 200
    return len(statements)


def test_orders_ask_dozens_of_times_with_n_plus_one_and_a_few_times_without(shop, request_shop):
    assert queries_of(shop("n-plus-one"), request_shop, "GET", "/api/orders") >= 40
    assert queries_of(shop(without=("n-plus-one",)), request_shop, "GET", "/api/orders") <= 3


def test_the_orders_are_indexed_only_without_missing_index(tmp_path):
    def indexed(name, sins):
        url = f"sqlite:///{tmp_path / name}"
        seed(url, sins)
        return {tuple(index["column_names"]) for index in inspect(create_engine(url)).get_indexes("orders")}

    assert indexed("sinful.db", ALL_SINS) == set()
    assert indexed("repaired.db", ALL_SINS - {"missing-index"}) == {
        ("status", "created_at"),
        ("customer_id", "created_at"),
    }


@pytest.mark.parametrize(("sins", "calls"), [(("slow-serializer",), 1), ((), 0)])
def test_users_pass_through_the_serializer_only_with_slow_serializer(shop, request_shop, monkeypatch, sins, calls):
    seen = []
    monkeypatch.setattr(users, "serialize_users", lambda rows: seen.append(1) or serializers.serialize_users(rows))
    assert request_shop(shop(*sins), "GET", "/api/users").status == 200
    assert len(seen) == calls


def test_the_slow_serializer_burns_at_least_three_times_the_processor_time_of_one_pass(shop):
    with shop().state.shop.sessions() as session:
        rows = session.scalars(select(User)).all()

    def cost(work) -> float:
        times = []
        for _ in range(7):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
        return min(times)

    one_pass = cost(lambda: [UserOut.model_validate(row).model_dump_json() for row in rows])
    assert cost(lambda: serializers.serialize_users(rows)) > 3 * one_pass


def test_both_middleware_classes_are_installed_only_with_middleware(shop):
    def classes(app):
        return [entry.cls for entry in app.user_middleware]

    assert classes(shop("middleware")) == [RequestLogMiddleware, SecurityHeadersMiddleware]
    assert classes(shop(without=("middleware",))) == [StaticHeaders]


def test_security_headers_are_sent_with_and_without_the_middleware_sin(shop, request_shop):
    for app in (shop("middleware"), shop()):
        headers = request_shop(app, "GET", "/health").headers
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


@pytest.mark.parametrize(("sins", "on_event_loop"), [(("blocking-login",), True), ((), False)])
def test_passwords_are_hashed_on_the_event_loop_only_with_blocking_login(
    shop, request_shop, monkeypatch, sins, on_event_loop
):
    threads = []
    monkeypatch.setattr(auth, "verify_password", lambda *_: threads.append(threading.get_ident()) or True)
    assert request_shop(shop(*sins), "POST", "/auth/login", LOGIN).status == 200
    assert [thread == threading.get_ident() for thread in threads] == [on_event_loop]


def test_the_pool_has_five_connections_with_small_pool_and_twenty_without(shop):
    assert shop("small-pool").state.shop.engine.pool.size() == 5
    assert shop(without=("small-pool",)).state.shop.engine.pool.size() == 20


@pytest.mark.parametrize(("sins", "checkouts"), [(("shared-health",), 1), ((), 0)])
def test_health_takes_a_connection_only_with_shared_health(shop, request_shop, sins, checkouts):
    app = shop(*sins)
    taken = []
    event.listen(app.state.shop.engine, "checkout", lambda *_: taken.append(1))
    assert request_shop(app, "GET", "/health").json() == {"status": "ok"}
    assert len(taken) == checkouts


def test_every_sin_names_a_function_or_class_that_exists_in_its_file():
    package = Path(shop_package.__file__).parent
    for sin in SINS:
        file, _, name = sin.where.partition(":")
        source = (package / file).read_text()
        assert f"def {name}(" in source or f"class {name}(" in source, sin


def test_all_sins_are_on_by_default_and_an_empty_list_turns_all_off():
    assert read_settings({}).sins == ALL_SINS
    assert read_settings({"SHOP_SINS": ""}).sins == frozenset()
    assert read_settings({"SHOP_SINS": " small-pool, middleware "}).sins == {"small-pool", "middleware"}


def test_an_unknown_sin_is_refused_with_the_nearest_name_and_all_names():
    with pytest.raises(UsageError) as caught:
        parse_sins("middleware,n-plus-won")
    assert "'n-plus-won'" in caught.value.message
    assert "'n-plus-one'" in caught.value.message
    assert all(sin.name in caught.value.hint for sin in SINS)
