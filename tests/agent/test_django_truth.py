"""Django under WSGI and ASGI: every layer is what was spent in it, and an N+1 has its relationship and its line."""

import json
import statistics

import kit
import pytest

pytest.importorskip("django", reason="Django is what is measured here")

SHOP = (kit.CHILDREN / "django_shop.py").read_text().splitlines()
ROUNDS = 4
DATABASE = {"ENGINE": "django.db.backends.sqlite3"}
try:
    import rest_framework  # noqa: F401 - only whether it is there
except ImportError:
    REST = False
else:
    REST = True
needs_rest = pytest.mark.skipif(not REST, reason="REST framework is not installed")


class Seen:
    """What the child saw from outside, and what its agent said, per path."""

    def __init__(self, outside, controller):
        self.outside = outside
        self.controller = controller
        requests = iter(controller.requests)
        self.by_path = {path: [next(requests) for _ in answers] for path, answers in outside.items()}

    def last(self, path):
        return self.by_path[path][-1]

    def near(self, path, layer, *spent):
        """Whether a layer is what the known costs at these positions took, in the round disturbed least."""
        off = []
        for request, outside in zip(self.by_path[path][1:], self.outside[path][1:], strict=True):
            true = sum(outside["truth"][position] for position in spent)
            off.append(abs(kit.milliseconds(request, layer) - true) / max(true, 4))
        return min(off) < 0.25


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def seen(request, tmp_path_factory):
    database = json.dumps({**DATABASE, "NAME": str(tmp_path_factory.mktemp("shop") / "shop.db")})
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, SHOP_DATABASE=database)
        script = ["-W", "ignore", str(kit.CHILDREN / "django_truth.py"), request.param]
        outside = kit.answer_of(script, environment)
        controller.settle()
        return Seen(outside, controller)


def line_of(marker):
    (number,) = [number for number, line in enumerate(SHOP, 1) if marker in line]
    return number


def test_every_hook_is_active(seen):
    hooks = {hook["library"]: hook["state"] for hook in seen.controller.events(kit.wire.HOOK)}
    assert {state for library, state in hooks.items() if library.startswith(("django", "rest", "asgiref"))} == {
        "active"
    }
    assert {"django.core.handlers.base", "django.db.models.query", "django.db.backends.utils"} <= hooks.keys()


def test_the_layers_of_every_request_add_up_to_its_total_exactly(seen):
    for request in seen.controller.requests:
        assert kit.sum_of_layers(request) == request.total_ns, request.endpoint
        assert all(0 <= nanoseconds <= request.total_ns for nanoseconds in request.layers.values())


def test_rows_are_counted_chunk_by_chunk_and_one_by_one(seen):
    for path in ("/joined", "/iterates"):
        (query,) = seen.last(path).queries
        assert query.rows == 12, path
    repeated = [query for query in seen.last("/lazy").queries if query.count > 1]
    assert [query.rows for query in repeated] == [query.count for query in repeated]
    (asked,) = seen.last("/gets").queries
    assert asked.rows == asked.count


def test_every_endpoint_has_the_name_of_its_route_and_its_status(seen):
    names = {path: (seen.last(path).endpoint, seen.last(path).status) for path in seen.outside}
    assert names["/orders/7/"] == ("GET /orders/<int:pk>/", 200)
    assert names["/class/7"] == ("GET /class/<int:pk>", 200)
    assert names["/old/2024/x/"] == ("GET /old/{year}/{argument1}/", 200)
    assert names["/sub/abc"] == ("GET /sub/{name}", 200)
    assert names["/nowhere"] == ("GET (no route)", 404)
    assert names["/fails"] == ("GET /fails", 500)
    assert names["/body"] == ("POST /body", 200)


def test_the_total_ends_with_the_last_byte(seen):
    for path in ("/view", "/lazy", "/page"):
        totals = [request.total_ns / 1e6 for request in seen.by_path[path]]
        outside = [answer["ms"] for answer in seen.outside[path]]
        assert 0.8 * statistics.median(outside) < statistics.median(totals) < statistics.median(outside) + 0.5


@pytest.mark.parametrize("path", ["/view", "/orders/7/"])
def test_middlewares_of_every_kind_and_the_view_own_what_they_spend(seen, path):
    assert seen.near(path, "middleware:Classic", 0, 3, 7)  # process_request, process_view, process_response
    assert seen.near(path, "middleware:plain", 1, 6)
    assert seen.near(path, "middleware:Modern", 2, 5)
    assert seen.near(path, "view", 4)


def test_an_asynchronous_view_owns_what_it_waits_for(seen):
    assert seen.near("/waits", "view", 4)
    assert seen.last("/waits").layers["adapter"] > 0


def test_a_template_owns_its_rendering_in_the_view_or_after_it(seen):
    assert seen.near("/page", "template", 4)
    assert seen.near("/late", "template", 4)


def test_a_body_that_is_made_while_it_is_sent_is_the_views(seen):
    for path in {"/pours", "/drips"} & seen.outside.keys():
        assert seen.last(path).status == 200
        assert seen.near(path, "view", 7, 8)  # after the middlewares have answered


def test_receivers_of_a_signal_are_a_layer(seen):
    assert seen.near("/writes", "signal:post_save", 4)
    assert "signal:post_delete" not in seen.last("/writes").layers


LAZY = {
    "/lazy": ("Order.customer", "# forward"),
    "/reverse": ("Customer.orders", "# reverse"),
    "/one": ("Order.invoice", "# one-to-one"),
    "/many": ("Order.tags", "# many-to-many"),
    "/deferred": ("Order.note", "# deferred"),
}


@pytest.mark.parametrize("path", LAZY)
def test_a_lazy_load_is_one_group_with_its_count_relationship_and_line(seen, path):
    relation, marker = LAZY[path]
    queries = seen.last(path).queries
    (repeated,) = [query for query in queries if query.count > 1]
    assert (repeated.count, repeated.distinct, repeated.relation) == (12, 12, relation)
    assert repeated.site.startswith(f"django_shop.py:{line_of(marker)}:")
    assert sum(query.count for query in queries) == 13


def test_a_loop_of_get_has_a_line_and_no_relationship(seen):
    (query,) = seen.last("/gets").queries
    assert (query.count, query.distinct, query.relation) == (7, 7, "")
    assert query.site.startswith(f"django_shop.py:{line_of('# get')}:")


def test_a_lazy_load_in_a_template_has_the_template_s_line(seen):
    (lazy,) = [query for query in seen.last("/page").queries if query.count > 1]
    assert (lazy.count, lazy.relation, lazy.site) == (12, "Order.customer", "templates/orders.html:3:template")


@pytest.mark.parametrize(
    ("path", "statements"), [("/joined", 1), ("/prefetched", 2), ("/awaited", 1), ("/iterates", 1)]
)
def test_what_is_loaded_with_the_list_is_not_repeated(seen, path, statements):
    assert [query.count for query in seen.last(path).queries] == [1] * statements


def test_a_statement_in_a_thread_has_the_line_that_awaits_it(seen):
    (query,) = seen.last("/awaited").queries
    assert query.site.startswith(f"django_shop.py:{line_of('await Order.objects.aget')}:awaited")


def test_the_orm_and_the_database_are_told_apart(seen):
    for path in ("/lazy", "/reverse", "/page"):
        layers = seen.last(path).layers
        assert {"orm", "hydration", "db_execute", "db_fetch"} <= layers.keys()
    assert {"orm", "db_execute"} <= seen.last("/writes").layers.keys()


def test_next_to_nothing_is_unattributed(seen):
    assert not [request for request in seen.controller.requests if "unattributed" in request.layers]


def test_views_and_middlewares_say_where_they_are_written(seen):
    sources = {(kind, name): site for kind, name, site in seen.controller.events(kit.wire.SOURCE)}
    assert sources["endpoint", "GET /lazy"].startswith(f"django_shop.py:{line_of('def lazy(')}:")
    assert sources["endpoint", "GET /class/<int:pk>"].endswith(":Orders.get")
    assert sources["layer", "middleware:Classic"].endswith(":Classic.process_request")
    assert sources["layer", "middleware:Modern"].endswith(":Modern.__call__")


@needs_rest
def test_a_function_that_a_decorator_makes_a_view_of_is_where_it_is_written(seen):
    sources = {(kind, name): site for kind, name, site in seen.controller.events(kit.wire.SOURCE)}
    site = sources["endpoint", "POST /api/accept"]
    assert site.startswith("django_shop.py:")
    assert site.endswith("accept")


@needs_rest
def test_rest_framework_is_told_apart_from_the_view(seen):
    path = "/api/orders"
    for layer, position in [
        ("authentication", 4),
        ("permissions", 5),
        ("throttling", 6),
        ("view", 7),
        ("pagination", 8),
    ]:
        assert seen.near(path, layer, position), layer
    assert seen.near(path, "serializer", 9)
    assert "renderer" in seen.last(path).layers


@needs_rest
def test_a_lazy_load_in_a_serializer_has_its_relationship(seen):
    (lazy,) = [query for query in seen.last("/api/orders").queries if query.count > 1]
    assert (lazy.count, lazy.relation) == (12, "Order.customer")


@needs_rest
def test_a_serializer_is_counted_once_for_its_list_and_line(seen):
    spots = [spot for spot in seen.last("/api/orders").spots if spot.layer == "serializer"]
    assert [(spot.calls, spot.site.rpartition(":")[2]) for spot in spots] == [(1, "OrderList.list")]
    assert [spot.layer for spot in seen.last("/api/accept").spots] == ["serializer", "serializer"]


def test_an_asynchronous_middleware_owns_what_it_waits_for(tmp_path):
    database = json.dumps({**DATABASE, "NAME": str(tmp_path / "shop.db")})
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, SHOP_DATABASE=database, SHOP_MIDDLEWARE="both")
        outside = kit.answer_of(["-W", "ignore", str(kit.CHILDREN / "django_truth.py"), "asgi"], environment)
        controller.settle()
        seen = Seen(outside, controller)
    assert seen.near("/waits", "middleware:both", 0)
    assert seen.near("/waits", "view", 1)


def test_a_function_as_middleware_owns_its_time_also_when_it_is_a_library_s(tmp_path):
    database = json.dumps({**DATABASE, "NAME": str(tmp_path / "shop.db")})
    with kit.FakeController() as controller:
        elsewhere = {"NINEAM_ROOT": str(tmp_path), "SHOP_DATABASE": database, "SHOP_MIDDLEWARE": "plain,Modern"}
        environment = kit.environment(controller.path, **elsewhere)
        answer = kit.answer_of(["-W", "ignore", str(kit.CHILDREN / "django_once.py"), "/view"], environment)
        controller.settle()
    states = {hook["state"] for hook in controller.events(kit.wire.HOOK)}
    assert states == {"active"}
    asked, truth = controller.requests[-1], answer["truth"]
    assert kit.milliseconds(asked, "middleware:plain") >= truth[0] + truth[4]
    assert kit.milliseconds(asked, "middleware:Modern") >= truth[1] + truth[3]
    assert kit.milliseconds(asked, "view") >= truth[2]


def test_closing_an_answer_is_django_s_time_and_not_that_of_what_is_around_django(tmp_path):
    database = json.dumps({**DATABASE, "NAME": str(tmp_path / "shop.db")})
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, SHOP_DATABASE=database, SHOP_MIDDLEWARE="plain")
        truth = kit.answer_of(["-W", "ignore", str(kit.CHILDREN / "django_wrapped.py")], environment)
        controller.settle()
    around, closing = truth[0], truth[-1]
    asked = controller.requests[-1]
    assert kit.milliseconds(asked, "middleware:Around") >= around
    assert kit.milliseconds(asked, "framework") >= closing
