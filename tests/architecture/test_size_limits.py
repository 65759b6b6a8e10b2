"""Files and functions stay small enough to be read at once."""

import ast

import pytest
from sources import ROOT, files, module_name, tree

LONGEST_FILE = 300
LONGEST_FUNCTION = 60


@pytest.mark.parametrize("file", files(), ids=module_name)
def test_a_source_file_has_at_most_300_lines(file):
    lines = len(file.read_text().splitlines())
    assert lines <= LONGEST_FILE, (
        f"{file.relative_to(ROOT)} has {lines} lines, at most {LONGEST_FILE}: split it by idea"
    )


def test_a_function_has_at_most_60_lines():
    long = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines"
        for file in files()
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long, "\n" + "\n".join(long)
