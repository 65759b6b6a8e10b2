import itertools
from random import Random

import pytest

from nineam.load.harvest import FULL, Harvester, Pool, identity, items
from nineam.load.recipes import recipes
from nineam.model import Drawn, Harvest, Hole, Operation
from nineam.traffic.openapi import read_openapi

CHOICE = Random(1)
USERS = Harvest(pool="users", fields=("id",), noun="users")


def counting(answer):
    """An answer that knows how often it was parsed."""

    def parse():
        parse.times += 1
        return answer

    parse.times = 0
    return parse


def filled(*entries):
    pool = Pool()
    for entry in entries:
        pool.add(entry)
    return pool


def test_a_pool_draws_what_it_has_and_forgets_what_leads_nowhere_twice_in_a_row():
    pool = filled((1,), (2,), (3,))
    for misses in ("missed", "found", "missed"):
        getattr(pool, misses)((2,))
    assert {pool.draw(CHOICE) for _ in range(100)} == {(1,), (2,), (3,)}
    pool.missed((2,))
    assert {pool.draw(CHOICE) for _ in range(100)} == {(1,), (3,)}
    assert not pool.add((2,))
    pool.restore((2,))
    assert len(pool) == 3


def test_a_full_pool_is_hardly_looked_after():
    pool = Pool()
    harvester = Harvester([USERS], {"users": pool})
    answer = counting([{"id": number} for number in range(FULL + 100)])
    for _ in range(2001):
        harvester.look(answer, ())
    assert len(pool) == FULL
    assert answer.times == 3


def test_answers_that_teach_nothing_new_are_looked_at_ever_more_rarely():
    harvester = Harvester([USERS], {"users": Pool()})
    answer = counting({"message": "no users here"})
    for _ in range(1000):
        harvester.look(answer, ())
    assert answer.times < 30


def test_an_answer_that_does_not_parse_is_no_harm():
    def broken():
        raise ValueError("no JSON")

    Harvester([USERS], {"users": Pool()}).look(broken, ())


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ([{"id": 1}], [{"id": 1}]),
        ({"count": 1, "results": [{"id": 1}]}, [{"id": 1}]),
        ({"links": [1], "users": [{"id": 1}]}, [{"id": 1}]),
        ({"data": {"items": [{"id": 1}]}}, [{"id": 1}]),
        ({"_embedded": {"users": [{"id": 1}]}}, [{"id": 1}]),
        ({"whatever": [{"id": 1}]}, [{"id": 1}]),
        ({"id": 1}, []),
        ("text", []),
        (None, []),
    ],
)
def test_the_list_in_an_answer(answer, found):
    assert items(answer, "users") == found


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"id": 7, "slug": "a"}, 7),
        ({"slug": "a"}, "a"),
        ({"id": None, "slug": "a"}, "a"),
        ({"id": True, "slug": ""}, None),
        ({"id": "x" * 1000}, None),
        ({"node": {"id": 3}}, 3),
        ({"author": {"name": "ann"}}, "ann"),
        ({"author": 1}, None),
        ("plain", "plain"),
        (5, 5),
        (None, None),
        ([], None),
    ],
)
def test_the_id_of_an_item(item, found):
    assert identity(item, ("id", "slug", "author.name")) == found


def document(paths):
    return {"openapi": "3.1.0", "paths": paths}


class Play:
    """Plays the operations of a document: says what each is answered, tells what was asked."""

    def __init__(self, paths):
        operations = read_openapi(document(paths), frozenset({"all"})).operations
        self.recipes = {each.operation.name: each for each in recipes(operations, itertools.count(1))}

    def ask(self, name, status=200, answer=None):
        recipe = self.recipes[name]
        request = recipe.render(CHOICE)
        recipe.learn(request, status, lambda: answer)
        return request


def parameter(name, place="path", **schema):
    return {"in": place, "name": name, "required": True, "schema": schema or {"type": "string"}}


NESTED = {
    "/users": {"get": {}, "post": {}},
    "/users/{user_id}": {"get": {}, "delete": {}},
    "/users/{user_id}/orders": {"get": {}},
    "/users/{user_id}/orders/{id}": {"get": {}},
    "/invoices": {"get": {"parameters": [parameter("userId", "query")]}},
    "/invoices/{id}/lines/{line}": {"get": {}},
}


def test_until_something_is_known_something_likely_is_asked_for():
    play = Play(NESTED)
    assert play.ask("GET /users/{user_id}/orders/{id}").path == "/users/1/orders/1"


def test_ids_of_a_list_lead_to_what_is_on_it_and_to_what_refers_to_it():
    play = Play(NESTED)
    play.ask("GET /users", answer={"items": [{"id": "a/b"}]})
    assert play.ask("GET /users/{user_id}").path == "/users/a%2Fb"
    assert play.ask("GET /invoices").path == "/invoices?userId=a%2Fb"


def test_what_belongs_to_somebody_is_asked_for_together_with_them():
    play = Play(NESTED)
    play.ask("GET /users", answer=[{"id": "ann"}])
    play.ask("GET /users/{user_id}/orders", answer=[{"id": 7}])
    play.ask("GET /users", answer=[{"id": "bob"}])
    assert {play.ask("GET /users/{user_id}/orders/{id}").path for _ in range(50)} == {"/users/ann/orders/7"}
    assert {play.ask("GET /users/{user_id}").path for _ in range(50)} == {"/users/ann", "/users/bob"}


def test_what_was_created_is_known_and_what_was_deleted_is_not_asked_for_again():
    play = Play(NESTED)
    play.ask("POST /users", 201, {"user": {"id": "new"}})
    assert play.ask("DELETE /users/{user_id}", 500).path == "/users/new"
    assert play.ask("GET /users/{user_id}").path == "/users/new"
    assert play.ask("DELETE /users/{user_id}", 204).path == "/users/new"
    assert play.ask("GET /users/{user_id}").path == "/users/1"


def test_what_is_deleted_takes_along_what_belonged_to_it():
    play = Play(NESTED)
    play.ask("GET /users", answer=[{"id": "ann"}])
    play.ask("GET /users/{user_id}/orders", answer=[{"id": 7}])
    play.ask("DELETE /users/{user_id}", 204)
    assert play.ask("GET /users/{user_id}/orders/{id}").path == "/users/1/orders/1"


def test_who_is_gone_leaves_the_pool():
    play = Play(NESTED)
    play.ask("GET /users", answer=[{"id": "ann"}])
    assert [play.ask("GET /users/{user_id}", 404).path for _ in range(3)] == ["/users/ann", "/users/ann", "/users/1"]


def test_bodies_refer_to_what_there_is():
    schema = {
        "properties": {"user_id": {"type": "integer"}, "tag_ids": {"type": "array", "items": {"type": "integer"}}}
    }
    body = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    play = Play({"/users": {"get": {}}, "/tags": {"get": {}}, "/orders": {"post": body}})
    play.ask("GET /users", answer=[{"id": 41}])
    play.ask("GET /tags", answer=["red"])
    assert play.ask("POST /orders").body == b'{"user_id":41,"tag_ids":["red"]}'


def test_texts_never_repeat_where_an_application_may_mind():
    body = {"requestBody": {"content": {"application/json": {"schema": {"properties": {"email": {"type": "string"}}}}}}}
    play = Play({"/users": {"post": body}})
    assert len({play.ask("POST /users").body for _ in range(50)}) == 50


def test_links_say_what_leads_where():
    link = {"operationId": "getCart", "parameters": {"path.token": "$response.body#/cart/token"}}
    other = {"operationRef": "#/paths/~1carts~1{token}~1{shop}/get", "parameters": {"token": "$request.header.x"}}
    paths = {
        "/session": {"post": {"responses": {"201": {"links": {"cart": link, "other": other}}}}},
        "/carts/{token}": {"get": {"operationId": "getCart"}},
        "/carts/{token}/{shop}": {"get": {}},
    }
    play = Play(paths)
    play.ask("POST /session", 201, {"cart": {"token": "t1"}})
    assert play.ask("GET /carts/{token}").path == "/carts/t1"
    assert play.ask("GET /carts/{token}/{shop}").path == "/carts/1/1"


def test_a_schema_tells_who_lists_what_is_asked_for():
    pet = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    pets = {
        "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}}}
    }
    paths = {
        "/pet/find": {"get": {"responses": {"200": pets}}},
        "/pet/{petId}": {"get": {"responses": {"200": pet}}},
    }
    play = Play(paths)
    play.ask("GET /pet/find", answer=[{"id": 12345}])
    assert play.ask("GET /pet/{petId}").path == "/pet/12345"


def test_a_name_is_found_where_other_lists_mention_it():
    author = {"type": "object", "properties": {"username": {"type": "string"}}}
    article = {"type": "object", "properties": {"title": {"type": "string"}, "author": author}}
    articles = {"content": {"application/json": {"schema": {"type": "array", "items": article}}}}
    paths = {"/articles": {"get": {"responses": {"200": articles}}}, "/profiles/{username}": {"get": {}}}
    play = Play(paths)
    play.ask("GET /articles", answer=[{"title": "t", "author": {"username": "ann"}}])
    assert play.ask("GET /profiles/{username}").path == "/profiles/ann"


def test_values_are_encoded_for_where_they_stand():
    hole = {"sources": (Drawn(pool="users"),), "choices": ("1",)}
    operation = Operation(
        method="POST",
        path=("/a/", Hole(**hole)),
        name="POST /a/{id}",
        headers=(("x-user", (Hole(**hole, encode="header"),)),),
        body=('{"id":', Hole(**hole, encode="json"), "}"),
    )
    provider = Operation(method="GET", path=("/a",), name="GET /a", harvests=(USERS,))
    listing, recipe = recipes([provider, operation], itertools.count())
    listing.learn(listing.render(CHOICE), 200, lambda: [{"id": 'é"\r\n/'}])
    request = recipe.render(CHOICE)
    assert request.path == "/a/%C3%A9%22%0D%0A%2F"
    assert request.headers == {"x-user": 'é"/'}
    assert request.body == b'{"id":"\\u00e9\\"\\r\\n/"}'
