"""Runs Django's own test suite with its own runner; writes to the file named first what became of each test.

With `inside` in second place each test runs inside a request's record, so that every hook that it meets is at work.
"""

import json
import runpy
import sys
import unittest
from pathlib import Path

file, how, *labels = sys.argv[1:]
outcomes = []


def keeping(name, outcome):
    """Return the method of a result that keeps an outcome and then does what it always did."""
    original = getattr(unittest.TextTestResult, name)

    def method(result, test, *args):
        outcomes.append([test.id(), outcome])
        return original(result, test, *args)

    return method


def inside(original):
    """Return the method of a test case that calls the test, inside a record."""
    from in_a_request import in_a_request  # noqa: PLC0415 - only where there is an agent

    def call(case, method):
        with in_a_request(case.id()):
            return original(case, method)

    return call


kinds = {
    "addSuccess": "passed", "addFailure": "failed", "addError": "error", "addSkip": "skipped",
    "addExpectedFailure": "xfailed", "addUnexpectedSuccess": "xpassed",
}  # fmt: skip
for name, outcome in kinds.items():
    setattr(unittest.TextTestResult, name, keeping(name, outcome))
if how == "inside":
    unittest.TestCase._callTestMethod = inside(unittest.TestCase._callTestMethod)
sys.path.insert(0, ".")
sys.argv = ["runtests.py", "--parallel=1", "--noinput", *labels]
try:
    runpy.run_path("runtests.py", run_name="__main__")
finally:
    Path(file).write_text(json.dumps(outcomes), encoding="utf-8")
