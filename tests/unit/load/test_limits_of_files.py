"""Journeys' own files and numbers that have no end."""

import os
from pathlib import Path

import pytest

from nineam import feeds
from nineam.endpoints import LONGEST_NAME, endpoint_name
from nineam.errors import UsageError
from nineam.feeds import feed
from nineam.load.bodies import encode_body
from nineam.load.collector import Collector
from nineam.load.expectations import expectation
from nineam.load.journeys import load_journeys
from nineam.load.locust import check_locustfile
from nineam.load.thresholds import parse
from nineam.load.uploads import upload_of
from nineam.model.option_values import amount, count, duration

JOURNEY = "from nineam import journey\n\n@journey(weight={})\nasync def browse(user): ...\n"
LOCUSTFILE = """
from locust import HttpUser, task

class Visitor(HttpUser):
    weight = {}

    @task
    def home(self):
        self.client.get("/")
"""


@pytest.mark.parametrize("weight", ["1e400", "1e308", "1.1e9", "float('nan')", "0", "-1"])
def test_a_weight_is_finite_and_names_its_journey_when_it_is_not(tmp_path, weight):
    file = tmp_path / "monday.py"
    file.write_text(JOURNEY.format(weight))
    with pytest.raises(UsageError, match=r"monday\.py:3: journey browse has weight .*, expected more than 0, at most"):
        load_journeys(str(file))


@pytest.mark.parametrize("weight", ["1e400", "float('nan')", "1e10"])
def test_a_user_class_has_a_weight_that_can_be_dealt(tmp_path, weight):
    file = tmp_path / "locustfile.py"
    file.write_text(LOCUSTFILE.format(weight))
    with pytest.raises(UsageError, match=r"user Visitor has weight .*, expected a number above 0, at most 1e\+09"):
        check_locustfile(str(file))


@pytest.mark.parametrize("weight", ["10**30", "1e400", "10_001"])
def test_a_task_is_repeated_as_often_as_a_list_can_hold(tmp_path, weight):
    file = tmp_path / "locustfile.py"
    file.write_text(LOCUSTFILE.format(1).replace("@task", f"@task({weight})"))
    with pytest.raises(UsageError, match=r"locustfile\.py:7: .*the weight of a task is .*, expected at most 10,000"):
        check_locustfile(str(file))


def test_a_feed_has_an_end(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "large.csv").write_text("a\n1\n")
    monkeypatch.setattr(feeds, "LARGEST", 3)
    for file, why in (("/dev/zero", "not a regular file"), (tmp_path / "pipe.csv", "not a regular file")):
        with pytest.raises(ValueError, match=why):
            feed(file)
    with pytest.raises(ValueError, match="more than the"):
        feed(tmp_path / "large.csv")


def test_a_body_from_a_file_has_an_end(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for file in (Path("/dev/zero"), tmp_path / "pipe"):
        with pytest.raises(OSError, match="is no regular file"):
            upload_of(file)
        with pytest.raises(OSError, match="is no regular file"):
            encode_body(None, None, {"photo": file})


def test_a_range_of_statuses_is_not_counted_out():
    found = expectation(range(200, 10**30))
    assert found.accepts(200)
    assert found.accepts(599)
    assert not found.accepts(199)
    assert expectation(range(10**18)).accepts(404)
    for none in (range(0), range(10**30, 10**60), range(600, 700), frozenset(range(5000))):
        with pytest.raises(ValueError, match="expect= takes"):
            expectation(none)


@pytest.mark.parametrize("text", ["p(95)<1e999", "http_reqs count>-1e400", "p(1e999)<5"])
def test_a_threshold_has_a_limit_that_something_can_be_below(text):
    with pytest.raises(UsageError, match="too large to be compared with"):
        parse(text)


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (amount, 10**10, "at most 1,000,000,000"),
        (count, 10**400, "at most 1,000,000,000"),
        (duration, 1e300, "at most a year"),
        (amount, -1, "0 or more"),
    ],
)
def test_an_option_beyond_its_limit_is_refused_with_the_limit(read, value, words):
    with pytest.raises(UsageError, match=words):
        read(value, "x")


def test_a_long_name_is_counted_by_its_beginning():
    collector = Collector()
    for ok in (True, False, True):
        collector.check("x" * 100_000, ok)
    (check,) = collector.take().checks
    assert (len(check.name), check.passes, check.fails) == (LONGEST_NAME, 2, 1)
    assert len(endpoint_name("GET", "/" + "a" * 100_000)) == LONGEST_NAME
