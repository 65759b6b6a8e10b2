"""Whatever stands in a document: it is read, passed over, or a mistake that is explained."""

import contextlib
import copy
import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.load.recipes import recipes
from nineam.model import Hole
from nineam.traffic.openapi import parse_document, read_openapi

ALL = frozenset({"all"})
WORDS = st.sampled_from(
    [
        *("$ref", "type", "properties", "items", "required", "enum", "example", "examples", "default", "const"),
        *("allOf", "anyOf", "oneOf", "parameters", "name", "in", "schema", "path", "query", "header", "cookie", "body"),
        *("formData", "requestBody", "content", "application/json", "multipart/form-data", "text/plain", "servers"),
        *("url", "variables", "responses", "200", "links", "operationId", "id", "user_id", "format", "pattern"),
        *("minimum", "maximum", "minLength", "maxLength", "security", "get", "post", "delete", "object", "array"),
        *(
            "string",
            "integer",
            "number",
            "boolean",
            "null",
            "consumes",
            "additionalProperties",
            "minItems",
            "multipleOf",
        ),
        *("#/paths", "$response.body#/id", "$request.path.id", "exclusiveMinimum", "exclusiveMaximum", "basePath"),
        *(
            "multipleOf",
            "style",
            "explode",
            "value",
            "swagger",
            "date",
            "email",
            "uuid",
            "binary",
            "file",
            "deepObject",
        ),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=6)
)
PATHS = st.text(alphabet="/{}ab:%é \n", max_size=12).map(lambda text: f"/{text}") | st.sampled_from(
    ["/users", "/users/{id}", "/users/{id}/orders/{user_id}"]
)
METHODS = st.dictionaries(st.sampled_from(["get", "post", "delete", "parameters", "servers"]), ANYTHING, max_size=3)
KEYWORDS = (
    *("type", "properties", "items", "required", "enum", "allOf", "anyOf", "pattern", "format", "minimum", "maxLength"),
    *("minLength", "example", "additionalProperties", "multipleOf", "exclusiveMinimum", "minItems", "readOnly"),
)
SELF = {"$ref": "#/paths/~1a/post/requestBody/content/application~1json/schema"}
SCHEMAS = st.recursive(
    SCALARS | st.just(SELF),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            name: inner | st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3) for name in KEYWORDS
        },
    ),
    max_leaves=12,
)


def read_and_render(document):
    """Read a document, and make sure that what is made of it keeps to its line."""
    for recipe in recipes(read_openapi(document, ALL).operations, iter(range(10_000))):
        operation = recipe.operation
        for _, template in (*operation.headers, ("", operation.path)):
            pieces = [text for part in template for text in (part.choices if isinstance(part, Hole) else (part,))]
            assert not any(line_break in piece for piece in pieces for line_break in "\r\n")
        assert recipe.render(Random(1)).path.startswith("/")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(PATHS, METHODS | ANYTHING, max_size=4), st.dictionaries(WORDS, ANYTHING, max_size=4))
def test_whatever_stands_in_a_document_is_read_or_passed_over(paths, rest):
    before = copy.deepcopy(paths)
    with contextlib.suppress(UsageError):
        read_and_render({**rest, "paths": paths})
    assert repr(paths) == repr(before)


@settings(max_examples=300, deadline=None)
@given(SCHEMAS)
def test_whatever_stands_in_a_schema_the_body_is_json(schema):
    media = {"application/json": {"schema": schema}}
    document = {"openapi": "3.1.0", "paths": {"/a": {"post": {"requestBody": {"content": media}}}}}
    (recipe,) = recipes(read_openapi(document, ALL).operations, iter(range(10_000)))
    json.loads(recipe.render(Random(1)).body)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | ANYTHING.map(lambda each: json.dumps(each).encode())
)
def test_whatever_a_file_holds_it_parses_or_is_a_usage_error(data):
    with contextlib.suppress(UsageError):
        read_and_render(parse_document(data, "file"))
