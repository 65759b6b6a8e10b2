"""Failures as a test module for pytest: standard library only, against an application that runs."""

import re
from collections.abc import Iterable

from nineam.model import Payload
from nineam.payloads.curl import variable
from nineam.payloads.found import Failure
from nineam.payloads.literals import python_bytes, python_text
from nineam.visible import visible

HEAD = '''"""Requests that broke the application, as small as they get. Made by `nineam payloads`.

Start the application, then: BASE_URL={base} pytest {file}
"""

import http.client
import os
import ssl
from urllib.parse import urlsplit

BASE = urlsplit(os.environ.get("BASE_URL", {base_literal}))
LOGIN = {login}
MAY_CLOSE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


def status_of(method, target, headers, body=None, may_close=False):
    """Send exactly this; the status of the answer."""
    if BASE.scheme == "https":
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(BASE.hostname, BASE.port, timeout=10, context=context)
    else:
        connection = http.client.HTTPConnection(BASE.hostname, BASE.port, timeout=10)
    try:
        connection.putrequest(method, BASE.path.rstrip("/") + target, skip_accept_encoding=True)
        for name, value in [*headers, *LOGIN]:
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(body)
        return connection.getresponse().status
    except MAY_CLOSE:
        if may_close:
            return 0
        raise
    finally:
        connection.close()
'''

TEST = '''

def test_{name}():
    """{doc}"""
    status = status_of({arguments})
    assert {right}, status
'''
NOT_A_NAME = re.compile(r"[^a-z0-9]+")


def module_of(failures: Iterable[Failure], base_url: str, file: str, secrets: Iterable[str] = ()) -> str:
    """Write the module. `secrets` are names of headers whose values are taken from the environment."""
    login = "".join(f"({python_text(name)}, os.environ[{python_text(variable(name))}]), " for name in secrets)
    head = HEAD.format(base=base_url, base_literal=python_text(base_url), file=file, login=f"[{login.rstrip(', ')}]")
    return head + "".join(_test(number, failure) for number, failure in enumerate(failures, 1))


def name_of(number: int, failure: Failure) -> str:
    """Name a failure's test."""
    name = NOT_A_NAME.sub("_", f"{failure.smallest.endpoint} {failure.payload.what}".lower()).strip("_")
    return f"{name[:80].rstrip('_')}_{number}"


def _test(number: int, failure: Failure) -> str:
    payload = failure.smallest
    right = f"status < 500 or status in {payload.also}" if payload.also else "status < 500"
    doc = ascii(visible(f"{failure.payload.what}: {failure.answer.words} {failure.trace.exception}").strip())[1:-1]
    arguments = ", ".join(_arguments(payload))
    return TEST.format(name=name_of(number, failure), doc=doc.replace('"', "'"), arguments=arguments, right=right)


def _arguments(payload: Payload) -> list[str]:
    headers = list(payload.headers)
    content = payload.content
    if not payload.framed and (content or payload.method in ("POST", "PUT", "PATCH")):
        headers.append(("content-length", str(len(content))))
    lines = ", ".join(f"({python_text(name)}, {python_text(value)})" for name, value in headers)
    arguments = [python_text(payload.method), python_text(payload.target), f"[{lines}]"]
    arguments += [python_bytes(payload.body)] if content else []
    return [*arguments, *(["may_close=True"] if payload.may_close else [])]
