"""The course of a trial as a picture and as a line of signs."""

from hypothesis import given
from hypothesis import strategies as st

from nineam.model.trial import Course, Second
from nineam.report.chart_course import course_chart, strip

SECONDS = (
    Second(s=-2, requests=20, ok=20, p95_ms=4.0),
    Second(s=-1, requests=20, ok=20, p95_ms=4.0),
    Second(s=0, requests=20, ok=3, p95_ms=2000.0),
    Second(s=1, requests=20, ok=0, p95_ms=9000.0),
    Second(s=2, requests=20, ok=20, p95_ms=5.0),
)


def test_the_strip_has_a_sign_for_each_second_and_the_fault_between_bars():
    assert strip(Course(seconds=SECONDS, faults=((0.0, 2.0),))) == "..|xx|."


def test_without_anything_there_is_nothing():
    assert strip(None) == ""
    assert course_chart(None, 700) == ""
    assert course_chart(Course(seconds=()), 700) == ""


def test_the_chart_names_what_it_shows_for_those_who_do_not_see_it():
    chart = course_chart(Course(seconds=SECONDS, faults=((0.0, 2.0),)), 700)
    assert "100 sent, 37 of them not answered well" in chart
    assert chart.count("<title>second") == 5


@given(
    st.lists(
        st.builds(
            Second,
            s=st.integers(-400, 400),
            requests=st.integers(0, 10_000),
            ok=st.just(0),
            p95_ms=st.none() | st.floats(0, 1e9),
        ),
        min_size=1,
        max_size=40,
        unique_by=lambda row: row.s,
    ),
    st.lists(st.tuples(st.floats(-400, 400), st.floats(-400, 400)), max_size=3),
)
def test_any_course_is_drawn_within_its_frame(rows, faults):
    course = Course(seconds=tuple(sorted(rows, key=lambda row: row.s)), faults=tuple(faults))
    assert "nan" not in course_chart(course, 700).lower().replace("insan", "")
    assert strip(course)
