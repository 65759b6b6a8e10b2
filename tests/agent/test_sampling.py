"""Samples: what they say is in proportion to the truth, and the signal is only borrowed."""

import time

import kit
import pytest
import serving

pytest.importorskip("starlette", reason="the sampled application is made with it")

WIRE = kit.wire


class Seen:
    """What a child answered and what its agent said about samples."""

    def __init__(self, answer, controller):
        self.answer = answer
        self.rows = [row for rows in controller.events(WIRE.SAMPLES) for row in rows]
        self.sampler = controller.events(WIRE.SAMPLER)

    def samples(self, *functions, layer=None):
        """How many samples have all these functions on their stacks, in one layer or any."""

        def has(frames, name):
            return any(frame.startswith(name + " (") for frame in frames)

        rows = [row for row in self.rows if layer in (None, row[2])]
        return sum(row[4] for row in rows if all(has(row[3], name) for name in functions))


def sampled(*arguments):
    with kit.FakeController() as controller:
        answer = kit.answer_of([str(kit.CHILDREN / arguments[0]), *arguments[1:]], kit.environment(controller.path))
        controller.settle()
        return Seen(answer, controller)


@pytest.fixture(scope="module")
def case():
    known = {}

    def of(name):
        if name not in known:
            known[name] = sampled("sampled_cases.py", name)
        return known[name]

    return of


@pytest.mark.parametrize("how", ["async", "sync"])
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_the_share_of_computing_is_the_true_one(loop, how):
    pytest.importorskip(loop)
    seen = sampled("sampled.py", loop, "4", "1", how, "300")
    computing, waiting = seen.answer["truth"]["computing"], seen.answer["truth"]["waiting"]
    share = seen.samples("bursts", "compute") / seen.samples("bursts")
    assert share == pytest.approx(computing / (computing + waiting), abs=0.12)
    assert seen.samples() == pytest.approx((computing + waiting) / 1e9 * 199, rel=0.2)


def test_frames_are_functions_with_lines_and_end_at_the_server(case):
    seen = case("abusy")
    frames = max(seen.rows, key=lambda row: row[4])[3]
    assert frames[-2:] == [frames[-2], frames[-1]]
    assert frames[-2].startswith("abusy (sampled_cases.py:")
    assert frames[-1].startswith("compute (sampled.py:")
    assert frames[0].startswith("Starlette.__call__ (starlette/applications.py:")
    assert not [frame for frame in frames if "nineam" in frame or "main (" in frame]


def test_samples_know_their_endpoint_and_layer(case):
    assert {(row[1], row[2]) for row in case("abusy").rows if row[4] > 5} == {("GET /abusy", "view")}


def test_waiting_requests_are_seen_where_they_wait(case):
    seen = case("waits")
    # sixty requests of 0.4 s
    assert seen.samples("waits", "sleep", layer="view") == pytest.approx(60 * 0.4 * 199, rel=0.4)


def test_work_of_a_requests_other_tasks_is_seen(case):
    assert case("children").samples("child", "compute") > 20


def test_a_greenlet_is_seen_running_and_waiting(case):
    pytest.importorskip("sqlalchemy")
    seen = case("greenlets")
    assert seen.samples("greenlets", "greenlet_spawn", "in_core", "compute") > 10
    assert seen.samples("greenlets", "greenlet_spawn", "in_core", "sleep") > 20


def test_work_in_a_thread_is_sampled_by_another_thread(case):
    seen = case("busy")
    assert seen.samples("busy", layer="view") == pytest.approx(0.4 * 199, rel=0.5)
    assert seen.sampler[-1]["kind"] == "sigalrm and threads"


def test_without_requests_the_timer_is_off(case):
    assert case("abusy").answer["timer"] == [0.0, 0.0]


def test_the_kind_and_the_rate_are_told(case):
    assert case("abusy").sampler[0] == {"kind": "sigalrm", "hz": 199, "reason": ""}


def test_an_application_that_has_taken_the_signal_keeps_it(case):
    seen = case("taken")
    assert seen.sampler == [{"kind": "none", "hz": 0, "reason": "the application uses SIGALRM itself"}]
    assert "called" not in seen.answer


def test_an_application_that_wants_the_signal_gets_it(case):
    answer = case("alarmed").answer
    assert (answer["before"], answer["left"], answer["called"]) == (True, 0, True)
    assert case("alarmed").sampler[-1]["kind"] == "none"


def test_another_program_in_the_process_is_not_killed_by_the_timer(case):
    assert case("execs").answer == "went on"


def test_a_forked_child_has_no_timer_and_its_parent_goes_on(case):
    seen = case("forks")
    assert seen.answer["child"] == 0


def test_stopping_gives_everything_back(case):
    answer = case("stopped").answer
    assert answer["ours"] == []
    assert answer["same"]
    assert answer["handler"]
    assert answer["exec"] == ["posix", "posix"]


@pytest.mark.parametrize("server", ["gunicorn-sync", "gunicorn-uvicorn", "uvicorn-httptools", "uvicorn-h11"])
def test_servers_with_requests_on_the_main_thread_are_sampled(server):
    assert _asked(server).sampler[0]["kind"] == "sigalrm"


@pytest.mark.parametrize("server", ["gunicorn-gthread", "waitress"])
def test_servers_with_threads_have_no_signal_and_say_so(server):
    none = {"kind": "none", "hz": 0, "reason": "requests do not run on the main thread"}
    first, *_, last = _asked(server).sampler
    assert first == none
    assert last["kind"] == "threads"


def _asked(server):
    pytest.importorskip(server.partition("-")[0])
    with kit.FakeController() as controller:
        with serving.server(server, controller) as port:
            assert serving.ask(port, "/")[0] < 500
            time.sleep(0.4)  # not every server lets its process say a last word
        controller.settle()
        return Seen(None, controller)
