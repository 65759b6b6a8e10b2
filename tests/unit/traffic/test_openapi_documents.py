import sys

import pytest

from nineam.errors import UsageError
from nineam.traffic.openapi import parse_document, read_openapi

GET = frozenset({"get"})
ALL = frozenset({"all"})


def document(paths, **rest):
    return {"openapi": "3.1.0", "paths": paths, **rest}


def shown(template):
    """A template as text: holes show their choices, or that they never repeat."""
    return "".join(part if isinstance(part, str) else f"<{'|'.join(part.choices) or '#'}>" for part in template)


def read(paths, methods=ALL, **rest):
    return {each.name: each for each in read_openapi(document(paths, **rest), methods).operations}


def body(schema, **rest):
    paths = {"/things": {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}}
    return shown(read(paths, **rest)["POST /things"].body)


def query(*parameters):
    paths = {"/things": {"get": {"parameters": list(parameters)}}}
    return shown(read(paths)["GET /things"].path)


def test_only_what_was_asked_for_is_sent_and_the_rest_is_named():
    found = read_openapi(
        document(
            {
                "/orders": {"get": {}, "post": {}},
                "/old": {"get": {"deprecated": True}},
                "/admin/users": {"get": {}},
                "/docs": {"get": {}},
                "/healthz": {"get": {}},
            }
        ),
        GET,
    )
    assert [each.name for each in found.operations] == ["GET /orders"]
    assert found.health_path == "/healthz"
    assert found.skipped == (
        "POST /orders: only GET is sent unasked; --methods all",
        "GET /old: deprecated",
        "GET /admin/users: a page for operators",
    )


def test_lists_come_before_what_is_on_them_and_deleting_comes_last():
    paths = {"/a/{id}/b/{b}": {"get": {}}, "/a/{id}": {"delete": {}, "get": {}}, "/a": {"post": {}, "get": {}}}
    assert list(read(paths)) == ["GET /a", "POST /a", "GET /a/{id}", "GET /a/{id}/b/{b}", "DELETE /a/{id}"]


def test_who_has_to_log_in_is_said_and_asked_all_the_same():
    paths = {"/me": {"get": {}}, "/open": {"get": {"security": []}}, "/maybe": {"get": {"security": [{}, {"key": []}]}}}
    found = read_openapi(document(paths, security=[{"bearerAuth": []}]), GET)
    assert len(found.operations) == 3
    assert found.notices == ("GET /me needs bearerAuth and is sent without it: a journey in monday.py can log in",)


@pytest.mark.parametrize(
    ("rest", "prefix"),
    [
        ({"servers": [{"url": "https://api.example.com/v1/"}]}, "/v1"),
        ({"servers": [{"url": "/{base}", "variables": {"base": {"default": "v2"}}}]}, "/v2"),
        ({"servers": [{"url": "http://[oops"}]}, ""),
        ({"swagger": "2.0", "basePath": "/old api"}, "/old%20api"),
        ({}, ""),
    ],
)
def test_the_servers_path_stands_before_each_path(rest, prefix):
    (operation,) = read({"/a": {"get": {}}}, **rest).values()
    assert operation.prefix == prefix


@pytest.mark.parametrize(
    ("parameter", "path"),
    [
        ({"schema": {"type": "string"}}, "/things"),
        ({"schema": {"type": "string", "default": "x"}}, "/things"),
        ({"schema": {"type": "string"}, "example": "a&b"}, "/things?p=a%26b"),
        ({"examples": {"one": {"value": 1}, "two": {"value": 2}}}, "/things?p=<1|2>"),
        ({"required": True, "schema": {"enum": ["a", "b"]}}, "/things?p=<a|b>"),
        ({"required": True, "schema": {"type": "boolean", "const": True}}, "/things?p=true"),
        ({"required": True, "schema": {"type": "integer", "minimum": 10, "maximum": 12}}, "/things?p=<11|12|10>"),
        ({"required": True, "schema": {"type": "string"}}, "/things?p=p-<#>"),
        ({"required": True, "schema": {"type": "array", "items": {"enum": ["a"]}}}, "/things?p=a"),
        ({"schema": {"type": "array"}, "example": [1, 2]}, "/things?p=1&p=2"),
        ({"schema": {"type": "array"}, "example": [1, 2], "explode": False}, "/things?p=1%2C2"),
        ({"example": {"a": 1}, "style": "deepObject"}, "/things?p%5Ba%5D=1"),
        ({"example": {"a": 1}}, "/things?a=1"),
    ],
)
def test_query_parameters(parameter, path):
    assert query({"in": "query", "name": "p", **parameter}) == path


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, '{"a":<1|2|3|5|8|0>}'),
        ({"properties": {"a": {"const": 1}, "b": {"const": 2}}, "required": ["b"]}, '{"b":2}'),
        ({"properties": {"a": {"example": 1}, "b": {"const": 2}}, "required": ["b"]}, '{"a":1,"b":2}'),
        ({"properties": {"a": {"readOnly": True}, "b": {"const": 2}}, "required": ["a"]}, '{"b":2}'),
        ({"example": {"a": [1, None, "x"]}}, '{"a":[1,null,"x"]}'),
        ({"type": "array", "items": {"const": 7}, "minItems": 2}, "[7,7]"),
        ({"type": "object", "additionalProperties": {"const": 1}}, '{"key":1}'),
        ({"type": ["null", "string"], "enum": [None, "a"]}, '"a"'),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, "<true|false>"),
        ({"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]}, '{"a":1,"b":2}'),
        ({"type": "string", "pattern": "^[A-Z]{2}-\\d{3}$"}, '"AA-000"'),
        ({"type": "string", "pattern": "(?!never)"}, '"text-<#>"'),
        ({"type": "string", "maxLength": 4}, '"<#>"'),
        ({"type": "string", "format": "email"}, '"user-<#>@example.com"'),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "<0.25|0.5|0.75>"),
        ({"type": "integer", "exclusiveMinimum": 5, "multipleOf": 4}, "<12|16|20|28|40|8>"),
        ({"$ref": "#/nowhere"}, '"text-<#>"'),
        (True, '"text-<#>"'),
    ],
)
def test_bodies_from_schemas(schema, made):
    assert body(schema) == made


def test_a_schema_that_contains_itself_ends():
    node = {"type": "object", "required": ["child", "n"], "properties": {"child": {"$ref": "#/s"}, "n": {"const": 1}}}
    assert body({"$ref": "#/s"}, s=node) == '{"child":{},"n":1}'


def test_a_schema_that_multiplies_itself_ends():
    schemas = {f"s{n}": {"allOf": [{"$ref": f"#/s{n + 1}"}] * 9} for n in range(40)}
    assert len(body({"$ref": "#/s0"}, **schemas)) < 1000
    wide = {"type": "object", "properties": {f"p{n}": {"$ref": f"#/w{n}"} for n in range(9)}}
    assert len(body({"$ref": "#/w0"}, **{f"w{n}": wide for n in range(9)})) < 100_000


def test_forms_uploads_and_old_documents():
    paths = {
        "/form": {"post": {"parameters": [{"in": "formData", "name": "a b", "type": "string", "default": "x y"}]}},
        "/file": {"post": {"parameters": [{"in": "formData", "name": "avatar", "type": "file", "required": True}]}},
        "/json": {"put": {"parameters": [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/B"}}]}},
        "/xml": {"post": {"consumes": ["application/xml"], "parameters": [{"in": "body", "name": "b", "schema": {}}]}},
    }
    old = {"swagger": "2.0", "paths": paths, "definitions": {"B": {"properties": {"a": {"enum": [1]}}}}}
    found = read_openapi(old, ALL)
    form, file, plain = found.operations
    assert form.headers == (("content-type", ("application/x-www-form-urlencoded",)),)
    assert shown(form.body) == "a%20b=x%20y"
    assert 'name="avatar"; filename="a.gif"\r\nContent-Type: image/gif\r\n\r\nGIF89a' in shown(file.body)
    assert shown(plain.body) == '{"a":1}'
    assert found.skipped == ("POST /xml: its body is application/xml, and there is no example",)


def test_headers_and_cookies_that_are_needed():
    parameters = [
        {"in": "header", "name": "X-Tenant", "required": True, "example": "a\r\nb"},
        {"in": "header", "name": "Authorization", "required": True},
        {"in": "header", "name": "X-Trace"},
        {"in": "header", "name": "not a token", "required": True},
        {"in": "cookie", "name": "session", "required": True, "example": "s1"},
    ]
    (operation,) = read({"/a": {"parameters": parameters, "get": {}}}).values()
    assert operation.headers == (("x-tenant", ("ab",)), ("cookie", ("session=s1",)))


def test_what_cannot_be_read_says_where_and_what_to_do():
    for data, message in (
        (b"", "api.json is empty"),
        (b"<html>", "api.json is HTML or XML"),
        (b'{"a": }', r"api.json is not JSON: .* \(line 1, column 7\)"),
        (b"[" * 100_000, "api.json "),
    ):
        with pytest.raises(UsageError, match=message):
            parse_document(data, "api.json")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "expected an object at the top level, got list"),
        ({"path": {}}, "it has no object 'paths'"),
        ({"paths": []}, "it has no object 'paths'"),
    ],
)
def test_what_is_no_document_is_said(value, message):
    with pytest.raises(UsageError, match=message):
        read_openapi(value, GET)


def test_a_document_that_contains_itself_is_said():
    endless = {"paths": {}}
    endless["paths"]["/a"] = endless
    with pytest.raises(UsageError, match="more than 80 levels"):
        read_openapi(endless, GET)


def test_yaml_without_its_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UsageError, match="PyYAML is not installed") as caught:
        parse_document(b"openapi: 3.0.0", "api.yaml")
    assert "nineam[yaml]" in caught.value.hint


def test_yaml_with_its_numbers_and_dates_as_keys_and_values():
    pytest.importorskip("yaml")
    operation = b"parameters: [{in: query, name: day, example: 2024-01-31}], responses: {200: {description: ok}}"
    text = b"openapi: 3.0.0\npaths:\n  /a:\n    get: {%s}\n" % operation
    (operation,) = read_openapi(parse_document(text, "api.yaml"), GET).operations
    assert shown(operation.path) == "/a?day=2024-01-31"
    with pytest.raises(UsageError, match=r"api\.yaml is neither JSON nor YAML"):
        parse_document(b"a: [", "api.yaml")
