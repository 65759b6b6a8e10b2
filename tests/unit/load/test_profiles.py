"""Which users are unlike the others: tables and properties, and the same in a real engine."""

import asyncio
import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.endpoints import is_apart, judged
from nineam.load.casting import dealt, kinds, kinds_of
from nineam.load.engine import Engine
from nineam.load.profiles import KINDS, PROFILES
from nineam.load.schedule import Part
from nineam.load.selftest import Stub
from nineam.merging import merge
from nineam.model import (
    CLIENT_PROFILES,
    ClientShare,
    EndpointStats,
    LoadPlan,
    LoadStats,
    Phase,
    RampStage,
    RequestSpec,
    Scenario,
)
from nineam.traffic.clients import parse_clients

REQUESTS = (RequestSpec(method="GET", path="/a", name="GET /a"),)


def first(row, many):
    return list(itertools.islice(row, many))


def row(clients, users):
    """The kinds of the users of the only scenario."""
    return kinds(clients, dealt(clients, [users])[0], users)


def test_every_profile_can_be_asked_for_and_the_other_way_round():
    assert tuple(profile.name for profile in KINDS) == CLIENT_PROFILES
    assert tuple(PROFILES) == CLIENT_PROFILES


@pytest.mark.parametrize(
    ("text", "users", "expected"),
    [
        ("slow=1", 1, ["slow"]),
        ("slow=1", 2, ["", "slow"]),
        ("slow=2, hostile=1", 8, ["", "slow", "", "hostile", "", "slow", "", ""]),
        ("slow=2, hostile=1", 4, ["", "slow", "hostile", "slow"]),
        ("slow=2, hostile=1", 3, ["slow", "hostile", "slow"]),
        ("slow=2, hostile=1", 2, ["", "slow"]),
        ("slow=4, hostile=4", 6, ["", "slow", "", "hostile", "", "slow"]),
        ("mobile=50%", 6, ["", "mobile", "", "mobile", "", "mobile"]),
        ("mobile=25%", 0, ["", "", "mobile", "", "", "", "mobile", ""]),
        ("mobile=100%", 2, ["mobile", "mobile"]),
        ("slow=3", 0, ["", "", "", ""]),
    ],
)
def test_who_is_what(text, users, expected):
    assert first(row(parse_clients(text), users), len(expected)) == expected


def test_four_hundred_people_three_on_slow_connections_one_sending_what_nobody_accounted_for():
    found = Counter(first(row(parse_clients("slow=3, hostile=1"), 400), 400))
    assert found == {"": 396, "slow": 3, "hostile": 1}


counts = st.lists(st.integers(1, 30), min_size=1, max_size=4).map(
    lambda numbers: [ClientShare(profile=name, count=n) for name, n in zip(CLIENT_PROFILES, numbers, strict=False)]
)
shares = st.lists(st.integers(1, 25), min_size=1, max_size=4).map(
    lambda numbers: [
        ClientShare(profile=name, share=n / 100) for name, n in zip(CLIENT_PROFILES[4:], numbers, strict=False)
    ]
)


@given(counts, st.integers(0, 300))
def test_counts_are_exact_whenever_there_are_users_enough(clients, more):
    users = sum(each.count for each in clients) + more
    found = Counter(first(row(clients, users), users))
    assert {each.profile: found[each.profile] for each in clients} == {each.profile: each.count for each in clients}
    assert found[""] == more


@given(shares, st.integers(1, 400))
def test_of_any_number_of_first_users_a_share_is_what_it_should_be(clients, users):
    found = Counter(first(kinds(clients, [], 0), users))
    for each in clients:
        assert abs(found[each.profile] - each.share * users) < 2


@given(counts, st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_each_scenario_gets_its_part_of_the_counted_clients(clients, users):
    counted = sum(each.count for each in clients)
    hands = [len(hand) for hand in dealt(clients, users)]
    assert sum(hands) == (counted if counted <= sum(users) else sum(users) // 2)
    for hand, many in zip(hands, users, strict=True):
        assert hand <= many
        assert not many or hand <= sum(hands) * many / sum(users) + len(users)


def scenarios(*many):
    return [Scenario(name=f"s{index}", executor="constant-vus", vus=each) for index, each in enumerate(many)]


@given(counts, st.lists(st.integers(1, 60), min_size=1, max_size=3), st.integers(1, 5))
def test_counts_are_exact_over_all_scenarios_and_load_processes(clients, users, shards):
    plan = scenarios(*users)
    found = Counter()
    for index, shard in itertools.product(range(len(plan)), range(shards)):
        part = Part(shard, shards)
        found.update(first(kinds_of(clients, plan, index, part), part.share(users[index])))
    if sum(users) >= sum(each.count for each in clients):
        assert {each.profile: found[each.profile] for each in clients} == {each.profile: each.count for each in clients}


def test_the_processes_together_have_the_kinds_that_one_would_have():
    clients, plan = parse_clients("slow=3, mobile=20%"), scenarios(40)
    whole = first(kinds_of(clients, plan, 0, Part()), 40)
    parts = [first(kinds_of(clients, plan, 0, Part(shard, 3)), 20) for shard in range(3)]
    assert [each for row in itertools.zip_longest(*parts) for each in row][:40] == whole


@pytest.mark.parametrize("executor", ["polite", "constant-vus"])
def test_the_polite_user_is_an_ordinary_one_and_so_is_everybody_without_clients(executor):
    clients = parse_clients("slow=1") if executor == "polite" else ()
    assert first(kinds_of(clients, [Scenario(executor=executor)], 0, Part()), 3) == ["", "", ""]


def test_an_application_is_judged_by_ordinary_clients_if_there_are_any():
    rows = [EndpointStats(name=name) for name in ("GET /a", "GET /a [mobile]", "hostile: NUL in the path", "GET /[b]")]
    assert [is_apart(row.name) for row in rows] == [False, True, True, False]
    assert [row.name for row in judged(rows)] == ["GET /a", "GET /[b]"]
    assert [row.name for row in judged(rows[1:3])] == ["GET /a [mobile]"]
    assert [row.name for row in judged(rows[2:3])] == ["hostile: NUL in the path"]


class Counting(Stub):
    """Answers at once, and remembers what came on each connection."""

    seen: list[list[bytes]]

    def connection_made(self, transport):
        super().connection_made(transport)
        self.mine = []
        type(self).seen.append(self.mine)

    def data_received(self, data):
        self.mine += [line for line in data.split(b"\r\n") if line.endswith(b"HTTP/1.1")]
        super().data_received(data)


async def _play(phases, text, **plan):
    protocol = type("Server", (Counting,), {"seen": []})
    listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    engine = Engine(LoadPlan(base_url=address, clients=parse_clients(text), **plan), lambda where: None)
    found = []
    try:
        for phase in phases:
            stats = LoadStats()

            def take(event):
                nonlocal stats
                stats = merge(stats, event.stats)

            await engine.run(phase, take)
            found.append(stats)
    finally:
        await engine.close()
        listener.close()
    return found, protocol


def play(text, *phases, **plan):
    source = {} if "journeys_file" in plan else {"requests": REQUESTS}
    return asyncio.run(_play(phases, text, **source, **plan))


def count(stats):
    return {endpoint.name: endpoint.requests for endpoint in stats.endpoints}


EACH_TWICE = {"executor": "per-vu-iterations", "iterations": 2, "max_duration_s": 20.0}


@pytest.mark.parametrize("shards", [1, 3])
def test_exactly_so_many_users_are_of_a_kind_and_their_requests_count_apart(shards):
    each = Scenario(vus=12, **EACH_TWICE)
    total = LoadStats()
    for shard in range(shards):
        (stats,), _ = play(
            "4g=3, hang-up=1", Phase(name="m", duration_s=20, scenarios=(each,)), shard=shard, shards=shards
        )
        total = merge(total, stats)
    assert count(total) == {"GET /a": 16, "GET /a [4g]": 6, "GET /a [hang-up]": 2}
    assert total.iterations == 24
    assert total.generator.requests == 24
    assert total.timings["http_req_waiting"].count == 16


def test_several_scenarios_share_the_counted_clients():
    each = [Scenario(name=name, vus=6, **EACH_TWICE) for name in ("one", "two")]
    (stats,), _ = play("4g=4", Phase(name="m", duration_s=20, scenarios=tuple(each)))
    assert count(stats) == {"GET /a": 16, "GET /a [4g]": 8}
    assert stats.timings["http_req_duration{scenario:one}"].count == 8


def test_a_user_keeps_its_kind_from_phase_to_phase_and_the_polite_one_is_ordinary():
    stairs = [Phase(name=f"m{n}", duration_s=0.4, executor="constant-vus", vus=n, think_s=0.05) for n in (4, 8, 3)]
    polite = Phase(name="p", duration_s=0.2, executor="polite")
    found, _ = play("4g=1", polite, *stairs, polite)
    assert [set(count(stats)) for stats in found] == [
        {"GET /a"},
        *[{"GET /a", "GET /a [4g]"}] * 3,
        {"GET /a"},
    ]
    assert not any(endpoint.failed for stats in found for endpoint in stats.endpoints)


def test_shares_of_arrivals_hold_although_some_clients_take_longer():
    each = Scenario(executor="constant-arrival-rate", rate=200, duration_s=1.0, graceful_stop_s=5.0)
    (stats,), _ = play("mobile=20%, 4g=30%", Phase(name="m", duration_s=9, scenarios=(each,)))
    assert count(stats) == {"GET /a": 100, "GET /a [mobile]": 40, "GET /a [4g]": 60}


def test_shares_of_sessions_hold_too():
    each = Scenario(executor="sessions", rate=100, duration_s=0.5, iterations=2, graceful_stop_s=5.0)
    (stats,), _ = play("4g=50%", Phase(name="m", duration_s=9, scenarios=(each,)))
    found = count(stats)
    assert abs(found["GET /a"] - found["GET /a [4g]"]) <= 2
    assert found["GET /a"] > 10


def test_who_comes_back_on_a_ramp_is_of_the_same_kind(tmp_path):
    file = tmp_path / "monday.py"
    file.write_text("from nineam import journey\n\n@journey\nasync def f(user): await user.get(f'/u-{user.id}x')\n")
    stages = tuple(RampStage(duration_s=s, target=t) for s, t in ((0, 4), (0.3, 4), (0, 0), (0.1, 0), (0, 4), (0.3, 4)))
    each = Scenario(executor="ramping-vus", start_vus=0, stages=stages, think_s=0.02, graceful_ramp_down_s=0.0)
    (stats,), _ = play("4g=2", Phase(name="m", duration_s=9, scenarios=(each,)), journeys_file=str(file))
    assert set(count(stats)) == {"GET /u-1x", "GET /u-2x [4g]", "GET /u-3x", "GET /u-4x [4g]"}


def test_journeys_are_run_by_all_kinds_of_clients(tmp_path):
    file = tmp_path / "monday.py"
    file.write_text(
        "from nineam import journey, check\n\n"
        "async def login(user):\n    await user.post('/login', json={'user': user.id})\n\n"
        "@journey(setup=login)\nasync def browse(user):\n"
        "    with user.group('look'):\n        answer = await user.get('/b')\n"
        "    check('ok', answer.json() == {'ok': True})\n"
    )
    each = Scenario(vus=4, **EACH_TWICE)
    (stats,), _ = play("4g=1, mobile=1", Phase(name="m", duration_s=20, scenarios=(each,)), journeys_file=str(file))
    found = count(stats)
    assert (found["GET /b"], found["GET /b [4g]"], found["GET /b [mobile]"]) == (4, 2, 2)
    assert (found["POST /login"], found["POST /login [4g]"]) == (2, 1)
    assert [(check.passes, check.fails) for check in stats.checks] == [(8, 0)]
    assert stats.timings["http_req_duration{group:look}"].count == 4
    assert not stats.problems


def test_what_is_cut_off_at_the_end_of_a_phase_fails_no_check(tmp_path):
    file = tmp_path / "monday.py"
    file.write_text(
        "from nineam import journey, check\n\n"
        "@journey\nasync def browse(user):\n    check('ok', (await user.get('/b')).status == 200)\n"
    )
    phase = Phase(name="m", duration_s=0.2, executor="constant-vus", vus=4, think_s=0.02)
    (stats, _), _ = play("slow=2", phase, phase, journeys_file=str(file))
    assert set(count(stats)) == {"GET /b"}
    assert not any(endpoint.failed for endpoint in stats.endpoints)
    assert [check.fails for check in stats.checks] == [0]
    assert not stats.problems


def test_without_clients_nothing_is_made_for_them():
    found, protocol = play("hostile=0", Phase(name="m", duration_s=0.2, executor="constant-vus", vus=2, think_s=0.05))
    assert set(count(found[0])) == {"GET /a"}
    assert {line for seen in protocol.seen for line in seen} == {b"GET /a HTTP/1.1"}
