"""What Monday on a clone is judged by: failures first, and nothing that the clone itself breaks."""

from nineam.histogram import Histogram
from nineam.model import EndpointStats, LoadPlan, LoadStats
from nineam.monday.grown import Judge
from nineam.monday.plan import RunPlan

PLAN = RunPlan(load=LoadPlan(base_url="http://127.0.0.1"))
SLOW, BROKEN = "GET /slow", "GET /broken"


def endpoint(name, requests=40, failed=0, ms=5.0, status="500"):
    taken = Histogram()
    for _ in range(requests):
        taken.record(round(ms * 1000))
    statuses = {"200": requests - failed, status: failed} if failed else {"200": requests}
    return EndpointStats(name=name, requests=requests, failed=failed, statuses=statuses, response=taken.to_data())


def stats(*endpoints):
    return LoadStats(endpoints=endpoints)


def judge(*sound):
    return Judge(exempt=frozenset(), sound=frozenset(sound))


def test_a_failure_is_the_reason_before_any_duration():
    seen = stats(endpoint(SLOW, ms=900), endpoint(BROKEN, failed=20))
    assert judge().reason(PLAN, seen) == "GET /broken: 20 of 40 requests failed (500)"
    assert judge().reason(PLAN, stats(endpoint(SLOW, ms=900))).startswith("GET /slow: p(95) is 9")


def test_what_answers_with_an_error_on_the_smallest_clone_only_is_the_clones_fault():
    judged = judge(BROKEN)
    judged.suspect(stats(endpoint(BROKEN, requests=4, failed=4), endpoint(SLOW, requests=4, failed=4)))
    assert judged.suspects == {BROKEN: "500"}
    assert judged.reason(PLAN, stats(endpoint(BROKEN, failed=40), endpoint(SLOW))) == ""
    assert judged.reason(PLAN, stats(endpoint(BROKEN, failed=40))) == ""


def test_who_is_turned_away_or_fails_seldom_is_no_suspect():
    judged = judge(SLOW, BROKEN)
    seen = endpoint(SLOW, requests=4, failed=4, status="429"), endpoint(BROKEN, requests=4, failed=1)
    judged.suspect(stats(*seen))
    assert judged.suspects == {}
