"""A cancellation is never lost: Ctrl-C is one, and after the first there is no second."""

import ast

from sources import PACKAGE, files, tree


def test_nobody_awaits_with_wait_for():
    """Until Python 3.12 it loses a cancellation that comes together with the result; `asyncio.timeout` does not."""
    agent = PACKAGE / "agent"  # has 3.9 to live with, and awaits for nobody
    calls = [
        f"{file.relative_to(PACKAGE)}:{node.lineno}"
        for file in files()
        if agent not in file.parents
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute) and node.attr == "wait_for"
    ]
    assert not calls


def test_nobody_suppresses_a_cancellation():
    """Whoever ends a task waits for it with `asyncio.wait`: what is suppressed around an `await` may be one's own."""
    calls = [
        f"{file.relative_to(PACKAGE)}:{node.lineno}"
        for file in files()
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress")
        for argument in node.args
        if ast.unparse(argument).endswith("CancelledError")
    ]
    assert not calls
