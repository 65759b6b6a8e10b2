"""What counts as a difference between a suite's run with the agent and one without."""

from collections import Counter

from benchmarks import own_suites
from benchmarks.own_suites import Compared, differing, row_of

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.a" name="passes[at 0x7f0012]"/>
<testcase classname="tests.a" name="skips"><skipped message="no"/></testcase>
<testcase classname="tests.a" name="fails"><failure>assert</failure></testcase>
<testcase classname="tests.b" name="breaks"><error>raised</error></testcase>
</testsuite></testsuites>"""


def outcomes(without, beside, inside=None):
    return {"without": Counter(without), "with": Counter(beside), "inside": Counter(inside or without)}


def test_a_report_is_read_test_by_test(tmp_path):
    file = tmp_path / "told"
    file.write_text(JUNIT)
    read = [own_suites._steady(one) for one in own_suites._of_junit(file)]
    assert read == [
        ("tests.a::passes[at 0x]", "passed"),
        ("tests.a::skips", "skipped"),
        ("tests.a::fails", "failed"),
        ("tests.b::breaks", "error"),
    ]


def test_what_fails_in_both_is_no_difference():
    same = [("a", "passed"), ("b", "failed")]
    assert differing(outcomes(same, same)) == []


def test_a_test_that_ends_otherwise_with_the_agent_is_named_with_both_ends():
    (line,) = differing(outcomes([("a", "passed"), ("b", "passed")], [("a", "passed"), ("b", "failed")]))
    assert line == "b: passed without, failed with"


def test_a_test_that_is_missing_with_the_agent_is_a_difference():
    (line,) = differing(outcomes([("a", "passed")], []))
    assert line == "a: passed without, absent with"


def test_a_name_that_occurs_twice_counts_twice():
    twice = [("a", "passed"), ("a", "passed")]
    (line,) = differing(outcomes(twice, twice, [("a", "passed"), ("a", "failed")]))
    assert line == "a: passed and passed without, failed and passed inside"


def test_a_row_counts_what_passed_in_each_way_and_what_passed_in_none():
    found = outcomes([("a", "passed"), ("b", "skipped")], [("a", "failed"), ("b", "skipped")])
    row = row_of("library", Compared("1.0", found, differing(found), 7))
    assert row == ["library", "1.0", "1", "0", "1", "1", "1", "7"]
