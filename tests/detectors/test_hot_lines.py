"""Which of the application's functions a library is in when it calls back."""

import msgspec
import pytest
from builder import Spot

from nineam.diagnose.detectors import slow_serializer
from nineam.diagnose.hot import hot_line
from nineam.diagnose.picture import Picture
from nineam.store.records import StackCount

X = "GET /x"
LIBRARY = ("Serializer.data (rest_framework/serializers.py:552)",)
BLURB = "Books.get_blurb (app/views.py:{})"
DUMPS = "dumps (json/__init__.py:183)"


def picture(new_run, *stacks):
    layers, spots = {"view": 2.0, "serializer": 8.0}, (Spot("serializer", 8.0, "app/views.py:10:books"),)
    run = new_run().localhost().endpoint(X, layers, spots=spots).monday(1, 10, held=False)
    read = run.endpoint(X, layers, spots=spots).read()
    counted = [StackCount(phase=1, endpoint=X, layer="serializer", frames=tuple(f), samples=n) for f, n in stacks]
    return Picture(msgspec.structs.replace(read, stacks=tuple(counted)))


def test_a_function_that_a_library_calls_back_is_named_at_its_hottest_line(new_run):
    seen = picture(
        new_run,
        ((*LIBRARY, BLURB.format(20), DUMPS), 10),
        ((*LIBRARY, BLURB.format(21)), 15),
        ((*LIBRARY, DUMPS), 5),
    )
    assert hot_line(seen, X, "serializer") == "app/views.py:21:Books.get_blurb"
    (finding,) = slow_serializer.detect(seen)
    assert (finding.where, finding.function) == ("app/views.py:21", "Books.get_blurb")


@pytest.mark.parametrize(
    "stacks",
    [
        [((*LIBRARY, BLURB.format(20)), 10)],
        [((*LIBRARY, BLURB.format(20)), 10), ((*LIBRARY, DUMPS), 20)],
        [],
    ],
    ids=["too few", "mostly the library's own", "none"],
)
def test_without_most_samples_in_one_function_the_calling_line_stays(new_run, stacks):
    seen = picture(new_run, *stacks)
    assert hot_line(seen, X, "serializer") == ""
    (finding,) = slow_serializer.detect(seen)
    assert finding.where == "app/views.py:10"
