import pytest

from nineam.errors import UsageError
from nineam.load.journeys import describe_problem, load_journeys, metric_names, resolved, scenarios_of_journeys


def written(tmp_path, text, name="monday.py"):
    (tmp_path / name).write_text(text)
    return str(tmp_path / name)


GOOD = """
from nineam import journey

async def login(user): ...

@journey
async def browse(user): ...

@journey(weight=3, name="the buyer", setup=login)
async def buy(user): ...
"""


def test_journeys_are_found_in_order_with_weight_name_and_place(tmp_path):
    first, second = load_journeys(written(tmp_path, GOOD))
    assert (first.name, first.weight, first.where) == ("browse", 1, "monday.py:6")
    assert (second.name, second.weight, second.setup.__name__) == ("the buyer", 3, "login")


def test_a_journeys_file_may_import_its_neighbours(tmp_path):
    written(tmp_path, "PATH = '/here'", "neighbour_of_monday.py")
    file = written(tmp_path, "from neighbour_of_monday import PATH\n" + GOOD)
    assert len(load_journeys(file)) == 2


@pytest.mark.parametrize(
    ("text", "message", "details", "hint"),
    [
        ("x = (1,\ny = 2\n", "monday.py:1 is not Python: '(' was never closed", ("x = (1,", "    ^"), "Correct"),
        ("def f():\n    retrun 1\n", "monday.py:2 is not Python", ("retrun 1", "       ^"), "Correct"),
        (
            "a = 1\nimport no_such_module\n",
            "monday.py:2 could not be imported",
            ("import no_such_module",),
            "installed",
        ),
        ("a = 1 / 0\n", "monday.py:1 could not be imported: ZeroDivisionError", ("a = 1 / 0",), "Correct"),
        ("import sys\nsys.exit(3)\n", "monday.py:2 could not be imported: SystemExit", ("sys.exit(3)",), "Correct"),
        ("async def browse(user): ...\n", "no journey in", (), "Put @journey above browse (line 1)"),
        ("", "no journey in", ("@journey", "async def browse(user): ..."), "Add one"),
        (
            "from nineam import journey\n@journey\ndef browse(user): ...\n",
            "monday.py:2: browse is not async",
            ("def browse(user): ...",),
            "async def",
        ),
        (
            "from nineam import journey\n@journey\nasync def browse(): ...\n",
            "must take exactly one argument",
            ("async def browse(): ...",),
            "async def browse(user):",
        ),
        (
            "from nineam import journey\n@journey(weight=0)\nasync def browse(user): ...\n",
            "has weight 0, expected more than 0",
            ("async def browse(user): ...",),
            "Remove @journey",
        ),
        (
            "from nineam import journey\n@journey(setup=print)\nasync def browse(user): ...\n",
            "setup print is not async",
            ("async def browse(user): ...",),
            "async def",
        ),
        (
            "from nineam import journey\n@journey(wieght=2)\nasync def browse(user): ...\n",
            "monday.py:2: @journey of browse: there is no option 'wieght'",
            (),
            "Did you mean 'weight'?",
        ),
    ],
)
def test_a_broken_journeys_file_says_where_and_what(tmp_path, text, message, details, hint):
    with pytest.raises(UsageError) as caught:
        load_journeys(written(tmp_path, text))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert tuple(line[: len(wanted)] for line, wanted in zip(caught.value.details, details, strict=False)) == details


def test_a_missing_file_suggests_the_nearest_one(tmp_path):
    written(tmp_path, GOOD)
    with pytest.raises(UsageError, match="no journeys file at") as caught:
        load_journeys(str(tmp_path / "munday.py"))
    assert "monday.py" in caught.value.hint


def test_a_problem_is_placed_at_the_line_of_the_journey_not_of_the_library(tmp_path):
    file = written(tmp_path, "import json\ndef f():\n    return json.loads('no')\n")
    namespace = {}
    exec(compile((tmp_path / "monday.py").read_text(), resolved(file), "exec"), namespace)
    with pytest.raises(ValueError, match="Expecting") as caught:
        namespace["f"]()
    message, where = describe_problem(caught.value, resolved(file))
    assert message.startswith("JSONDecodeError: Expecting value")
    assert where == "monday.py:3"


def test_the_names_of_metrics_are_read_without_running_the_file(tmp_path):
    text = "import nineam\nfrom nineam import metric\nasync def f(u):\n    metric('a', 1)\n    nineam.metric('b', 2)\n"
    assert metric_names(written(tmp_path, text)) == {"a": "trend", "b": "trend"}
    assert metric_names(written(tmp_path, "not python at all (")) == {}
    assert metric_names(str(tmp_path / "absent.py")) == {}


def test_metrics_of_every_kind_are_found_with_their_kind(tmp_path):
    text = 'import nineam\nnineam.counter("a")\nnineam.gauge("b", 1)\nnineam.rate("c", True)\nnineam.metric("d", 1)\n'
    assert metric_names(written(tmp_path, text)) == {"a": "counter", "b": "gauge", "c": "rate", "d": "trend"}


DECLARED = """
from nineam import journey

@journey(executor="ramping-vus", stages=[{"duration": "30s", "target": 20}], gracefulStop="5s", name="window shopping")
async def browse(user): ...

@journey(executor="constant-arrival-rate", rate=5, duration="1m", startTime=10, tags={"team": "shop"})
async def buy(user): ...
"""


def test_journeys_with_an_executor_are_scenarios(tmp_path):
    first, second = scenarios_of_journeys(written(tmp_path, DECLARED))
    assert (first.name, first.exec, first.executor) == ("window shopping", ("window shopping",), "ramping-vus")
    assert (first.graceful_stop_s, first.stages[0].target) == (5, 20)
    assert (second.name, second.rate, second.start_s, second.tags) == ("buy", 5, 10, (("team", "shop"),))


def test_journeys_without_executors_are_no_scenarios(tmp_path):
    assert scenarios_of_journeys(written(tmp_path, GOOD)) == ()


def test_a_journey_that_would_never_run_is_named_with_both_ways_out(tmp_path):
    with pytest.raises(UsageError) as caught:
        scenarios_of_journeys(written(tmp_path, DECLARED + "@journey\nasync def idle(user): ...\n"))
    assert "idle (monday.py:9): no executor" in caught.value.message
    assert "Give it an executor too, or take the executors away" in caught.value.hint


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ('executor="ramping-vu"', "no executor 'ramping-vu'"),
        ('executor="constant-vus"', "needs duration"),
        ("vus=3", "executor is missing"),
        ('executor="polite", duration=1, exec="x"', "has exec"),
    ],
)
def test_wrong_options_of_a_journey_are_told_when_the_file_is_loaded(tmp_path, options, words):
    file = written(tmp_path, f"from nineam import journey\n@journey({options})\nasync def browse(user): ...\n")
    with pytest.raises(UsageError, match=r"monday\.py:2: @journey of browse") as caught:
        load_journeys(file)
    assert words in caught.value.message
