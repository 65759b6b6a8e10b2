import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.histogram import Histogram
from nineam.load.metrics import metrics
from nineam.load.thresholds import evaluate, parse, parse_all
from nineam.model import CheckResult, EndpointStats, GaugeData, HistogramData, LoadStats, RateData

ONE = GaugeData(value=1, min=1, max=1)
NOBODY = GaugeData()


def histogram_of(*milliseconds) -> HistogramData:
    histogram = Histogram()
    for value in milliseconds:
        histogram.record(value * 1000)
    return histogram.to_data()


STATS = LoadStats(
    endpoints=(
        EndpointStats(name="GET /a", requests=4, failed=1, response=histogram_of(10, 20, 30, 40)),
        EndpointStats(name="GET /b/{id}", requests=1, failed=0, response=histogram_of(1000)),
    ),
    checks=(CheckResult(name="ok", passes=3, fails=1),),
    timings={"http_req_waiting": histogram_of(5, 6), "cart_size": histogram_of(2, 4)},
    iterations=5,
)
METRICS = metrics(STATS, 10.0, GaugeData(value=2, min=2, max=3))


@pytest.mark.parametrize(
    ("text", "metric", "source", "ok", "value"),
    [
        ("p(95)<500", "http_req_duration", "p(95)<500", False, 1000),
        ("http_req_duration p(50)<31", "http_req_duration", "p(50)<31", True, 30),
        ("http_req_duration p(99.9)>999", "http_req_duration", "p(99.9)>999", True, 1000),
        ("http_req_duration max === 1000", "http_req_duration", "max === 1000", True, 1000),
        ("http_req_duration avg<221", "http_req_duration", "avg<221", True, 220),
        ("http_req_duration{name:GET /a} p(95)<500", "http_req_duration{name:GET /a}", "p(95)<500", True, 40),
        (
            "http_req_duration{name:GET /b/{id}} min>=1000",
            "http_req_duration{name:GET /b/{id}}",
            "min>=1000",
            True,
            1000,
        ),
        ("http_req_failed rate<0.3", "http_req_failed", "rate<0.3", True, 0.2),
        ("http_req_failed{name:GET /a} rate<.2", "http_req_failed{name:GET /a}", "rate<.2", False, 0.25),
        ("http_reqs count==5", "http_reqs", "count==5", True, 5),
        ("http_reqs rate>0.5", "http_reqs", "rate>0.5", False, 0.5),
        ("http_reqs{name:GET /a} rate!=0.4", "http_reqs{name:GET /a}", "rate!=0.4", False, 0.4),
        ("checks rate>=0.75", "checks", "rate>=0.75", True, 0.75),
        ("vus value>1", "vus", "value>1", True, 2),
        ("dropped_iterations count<1", "dropped_iterations", "count<1", True, 0),
        ("http_req_waiting p(10)<6", "http_req_waiting", "p(10)<6", True, 5),
    ],
)
def test_a_threshold_judges_the_value_of_its_metric(text, metric, source, ok, value):
    result = evaluate(parse(text), METRICS, STATS.endpoints, STATS.timings)
    assert (result.metric, result.source, result.ok) == (metric, source, ok)
    assert result.value == pytest.approx(value, rel=0.01)


def test_a_journeys_own_metric_can_be_judged():
    result = evaluate(parse("cart_size avg<=3", custom=["cart_size"]), METRICS, STATS.endpoints, STATS.timings)
    assert (result.ok, result.value) == (True, 3)


TAGGED = LoadStats(
    endpoints=STATS.endpoints,
    timings={
        "http_req_duration{scenario:browse}": histogram_of(7),
        "http_req_duration{kind:slow}": histogram_of(8),
        "iteration_duration{scenario:browse}": histogram_of(9),
        "group_duration{group:pay {it}}": histogram_of(10),
        "cart_size{country:de}": histogram_of(3),
    },
    counters={"sold": 9, "sold{country:de}": 5},
    rates={"won{country:de}": RateData(passes=1, fails=3)},
)
OWN = {"cart_size": "trend", "sold": "counter", "won": "rate"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("http_req_duration{scenario:browse} max<99", 7),
        ("http_req_duration{ scenario : browse } max<99", 7),
        ("http_req_duration{kind:slow} p(95)<99", 8),
        ("iteration_duration{scenario:browse} avg<99", 9),
        ("group_duration{group:pay {it}} med<99", 10),
        ("cart_size{country:de} max<99", 3),
        ("sold{country:de} count<99", 5),
        ("sold count<99", 9),
        ("won{country:de} rate<1", 0.25),
        ("http_req_duration{scenario:buy} p(95)<99", None),
        ("won rate<1", None),
    ],
)
def test_a_tag_narrows_a_metric_down(text, value):
    result = evaluate(
        parse(text, OWN, ["kind", "country"]), metrics(TAGGED, 10.0, ONE), TAGGED.endpoints, TAGGED.timings
    )
    assert result.value == (None if value is None else pytest.approx(value, rel=0.01))
    assert result.ok == (value is not None)


def test_everything_belongs_to_the_only_scenario():
    threshold = parse("http_req_duration{scenario:only} max<=1000")
    result = evaluate(threshold, METRICS, STATS.endpoints, STATS.timings, alone="only")
    assert (result.metric, result.value) == ("http_req_duration{scenario:only}", pytest.approx(1000, rel=0.01))
    assert evaluate(threshold, METRICS, STATS.endpoints, STATS.timings, alone="other").value is None


def test_any_tag_may_be_named_where_nobody_can_know_them():
    assert parse("http_req_duration{colour:red} p(95)<1", tags=["*"]).label == "http_req_duration{colour:red}"


@pytest.mark.parametrize(
    "text", ["http_req_duration{name:GET /nowhere} p(95)<500", "group_duration p(95)<1", "http_req_connecting avg<1"]
)
def test_a_threshold_without_measurements_does_not_hold(text):
    result = evaluate(parse(text), METRICS, STATS.endpoints)
    assert (result.ok, result.value) == (False, None)


def test_nothing_sent_means_that_no_threshold_on_requests_holds():
    nothing = metrics(LoadStats(), 1.0, NOBODY)
    results = [
        evaluate(each, nothing, ()) for each in parse_all("p(95)<500, http_req_failed rate<0.01, checks rate>0.9")
    ]
    assert [result.ok for result in results] == [False, False, False]


def test_thresholds_joined_by_commas_share_a_metric_until_another_is_named():
    found = parse_all("p(95)<500, p(99)<900, http_req_failed rate<0.01,  http_reqs{name:GET /a,b} rate>10, count>5")
    assert [(each.label, each.source) for each in found] == [
        ("http_req_duration", "p(95)<500"),
        ("http_req_duration", "p(99)<900"),
        ("http_req_failed", "rate<0.01"),
        ("http_reqs{name:GET /a,b}", "rate>10"),
        ("http_reqs{name:GET /a,b}", "count>5"),
    ]


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("http_req_durration p(95)<500", 0, "'http_req_durration' is no metric", "http_req_duration"),
        ("http_req_failed p(95)<1", 16, "http_req_failed has no 'p'", "rate"),
        ("http_req_failed<1", 15, "expected an aggregation", "rate"),
        ("p(95)<500ms", 9, "did not expect 'ms'", "milliseconds"),
        ("p(101)<5", 2, "between 0 and 100", ""),
        ("p95<5", 0, "http_req_duration has no 'p95'", "p(N)"),
        ("p(95<5", 4, "expected ')'", ""),
        ("p(95)=5", 5, "expected a comparison", "<"),
        ("p(95)<", 6, "expected a number", "milliseconds"),
        ("p(95)<5,", 8, "missing", "For example"),
        ("", 0, "missing", "For example"),
        ("http_req_duration{scenaro:x} p(95)<1", 18, "has no tag 'scenaro'", "name, scenario, group"),
        ("http_reqs{scenario:x} count<1", 10, "has no tag 'scenario'", "kept by name"),
        ("http_req_duration{:x} p(95)<1", 18, "expected a tag", "name"),
        ("http_req_duration{name} p(95)<1", 22, "expected ':'", "For example"),
        ("http_req_duration{scenario:a,name:GET /} p(95)<1", 28, "only one tag", ""),
        ("http_reqs{name:GET / rate>1", 9, "never closed", ""),
        ("checks{name:x} rate>1", 7, "has no tag 'name'", "as a whole"),
        ("p(95)<5 p(99)<6", 8, "did not expect", ""),
    ],
)
def test_a_mistake_is_pointed_at(text, column, message, hint):
    with pytest.raises(UsageError) as caught:
        parse_all(text)
    assert message in caught.value.message
    assert caught.value.details[0] == text
    assert caught.value.details[1].index("^") == column
    assert hint in caught.value.hint


def test_parse_takes_exactly_one_threshold():
    with pytest.raises(UsageError):
        parse("p(95)<5, p(99)<6")


@given(st.text(alphabet="http_req_durationfailed p()<>=!09.5{}name:/,rate\t\n", max_size=60))
@example("p(" + "9" * 400 + ")<1")
@example("{" * 50)
@example("http_reqs{name:}}}} rate>1")
def test_any_text_is_either_understood_or_pointed_at(text):
    mistake = None
    try:
        found = parse_all(text)
    except UsageError as error:
        mistake, found = error, ()
    assert (mistake is None) == bool(found)
    assert mistake is None or 0 <= mistake.details[1].index("^") <= len(text)
    for threshold in found:
        evaluate(threshold, METRICS, STATS.endpoints, STATS.timings)


@given(
    st.sampled_from(["http_req_duration", "http_req_waiting", "http_req_duration{name:GET /a}"]),
    st.floats(0, 100),
    st.sampled_from(["<", "<=", ">", ">=", "==", "===", "!="]),
    st.floats(-1e6, 1e6),
)
def test_whatever_the_grammar_can_say_is_read_back_as_it_was_written(metric, percent, comparison, limit):
    threshold = parse(f"{metric} p({percent!r}) {comparison} {limit!r}")
    assert (threshold.label, threshold.percent, threshold.comparison) == (metric, percent, comparison)
    assert threshold.limit == limit
