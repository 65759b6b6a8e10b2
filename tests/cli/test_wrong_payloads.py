"""`nineam payloads` refuses what cannot be meant, says what to do, and repeats no secret."""

import json

import pytest

NEVER = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("http://198.51.100.7/",), ("not this machine",)),
        ((NEVER, "--methods", "gte"), ("no method", "get")),
        ((NEVER, "--replay", "missing.json"), ("missing.json",)),
        ((NEVER, "--json", "no/such/folder.json"), ("--json",)),
        ((NEVER, "--json", "-", "--tests", "-"), ("only one",)),
        ((NEVER, "--urls", "missing.txt"), ("missing.txt",)),
        ((NEVER, "--rate", "5", "-t", "soon"), ("--duration", "not a duration")),
        ((NEVER, "--rate", "5", "-t", "0"), ("--duration", "1 s or more")),
        (("plain_asgi:app", "--openapi", "http://198.51.100.7/openapi.json"), ("--openapi", "not this machine")),
        (("plain_asgi:app", "--openapi", "plain_asgi.py"), ("plain_asgi.py",)),
    ],
)
def test_what_cannot_be_meant_is_refused(refused, arguments, says):
    refused("payloads", *arguments, says=says)


def test_a_header_that_is_none_is_refused_without_telling_it(refused):
    outcome = refused("payloads", NEVER, "--header", "Authorization Bearer s3cret", says=("--header", "NAME: VALUE"))
    assert "s3cret" not in outcome.out + outcome.err


def test_nobody_there_is_said(refused):
    refused("payloads", NEVER, code=3, says=("refuses connections",))


@pytest.mark.parametrize("arguments", [("--share", "50"), ("--cases", "0"), ("--time", "0"), ("--seed", "x")])
def test_numbers_out_of_range_are_refused(refused, arguments):
    refused("payloads", NEVER, *arguments, says=(arguments[0],), hint=False)


def test_a_hostile_name_in_a_document_commands_no_terminal(nineam, project):
    query = {"in": "query", "name": "\x1b]0;q"}
    document = {"openapi": "3.0.0", "paths": {"/\x1b[2J\u202ex": {"get": {"parameters": [query]}}}}
    (project / "openapi.json").write_text(json.dumps(document))
    outcome = nineam("payloads", "plain_asgi:app", "--openapi", "openapi.json", "--cases", "40", cwd=project)
    assert outcome.code in {0, 99}, outcome.err
    said = outcome.out + outcome.err
    assert said.replace("\n", "").isprintable(), said
