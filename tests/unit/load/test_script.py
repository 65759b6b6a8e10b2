import subprocess
import sys

import pytest

from nineam import check, counter, feed, gauge, metric, script


def test_importing_nineam_imports_nothing_heavy():
    code = "import nineam, sys; print(sorted(m for m in ('asyncio', 'numpy', 'msgspec', 'uvloop') if m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_name_is_there():
    import nineam

    assert all(getattr(nineam, name) is not None for name in nineam.__all__)


def test_a_name_that_does_not_exist_is_an_import_error():
    with pytest.raises(ImportError):
        from nineam import jorney  # noqa: F401


def test_a_check_outside_a_run_still_gives_its_verdict():
    script.attach(None)
    assert (check("a", "yes"), check("a", None)) == (True, False)


@pytest.mark.parametrize("name", ["http_x", "a b", "", "vus", "iteration_duration", "data_x", "9a"])
def test_a_metric_needs_a_name_of_its_own(name):
    with pytest.raises(ValueError, match="cannot name a metric"):
        metric(name, 1)


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        (
            "users.csv",
            'name,note\nann,"a\nb"\nbob,c\n',
            [{"name": "ann", "note": "a\nb"}, {"name": "bob", "note": "c"}],
        ),
        ("users.json", '[{"name": "ann"}, 2]', [{"name": "ann"}, 2]),
        ("users.jsonl", '{"a": 1}\n\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ("bom.csv", "\ufeffname\nann\n", [{"name": "ann"}]),
    ],
)
def test_a_feed_gives_rows_and_begins_again(tmp_path, name, text, rows):
    (tmp_path / name).write_text(text, encoding="utf-8")
    fed = feed(tmp_path / name)
    assert [next(fed) for _ in range(2 * len(rows))] == rows * 2
    assert len(fed) == len(rows)


@pytest.mark.parametrize(("name", "text"), [("a.json", "[1,"), ("a.csv", "name\n"), ("a.json", "[]")])
def test_a_feed_without_rows_names_its_file(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=name):
        feed(tmp_path / name)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("count", [metric, counter, gauge])
def test_what_is_no_finite_number_is_refused_where_it_is_said(count, value):
    script.attach(None)
    with pytest.raises(ValueError, match=r"'ratio' was given (nan|-?inf): a metric takes finite numbers"):
        count("ratio", value)


@pytest.mark.parametrize("key", ["group", "name", "scenario"])
def test_tags_by_which_is_counted_in_any_case_are_refused(key):
    with pytest.raises(ValueError, match=f"'{key}' cannot be the key of a tag: nineam counts by group, name, scenario"):
        metric("size", 1, tags={key: "x"})
