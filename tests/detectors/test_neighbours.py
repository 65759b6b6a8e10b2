"""Whether other programs had the processors that the application was ready for."""

import pytest

from nineam.diagnose.neighbours import neighbours
from nineam.diagnose.picture import Picture


def polite(new_run, computed, waited):
    """One polite user, while the application computes and waits for a processor for so many seconds a second."""
    run = new_run()
    run.localhost().endpoint("GET /x", {"view": 20.0})
    for second in (1, 2, 3):
        run.gauge(second, process=0, app_cpu_s=computed * second)
        if waited is not None:
            run.gauge(second, process=7, app_run_delay_s=waited * second)
    return Picture(run.monday(1, 50).endpoint("GET /x", {"view": 20.0}).read())


def test_an_application_that_waits_for_a_processor_alone_is_told_of(new_run):
    (said,) = neighbours(polite(new_run, computed=0.28, waited=0.67))
    assert "waited for a processor for 71% of the time" in said


@pytest.mark.parametrize(
    ("computed", "waited"),
    [(0.9, 0.1), (0.01, 0.02), (0.3, None)],
    ids=["hardly ever", "it hardly computes", "the kernel does not count it"],
)
def test_an_application_that_has_the_processor_is_not(new_run, computed, waited):
    assert neighbours(polite(new_run, computed, waited)) == ()
