"""The health check should tell what users get."""

from nineam.model.trial import Dependency
from nineam.trials.advice import dishonest
from nineam.trials.catalogue.http_hang import hanging, heavy
from nineam.trials.healthwatch import Honesty, honesty
from nineam.trials.lab import Lab, Session
from nineam.trials.trial import Measured, NotApplicableError, NotRunError, Trial

MOST_WRONG_S = 3.0
LASTS_S = 6.0
FILLING_S = 4.0
ROLES = ("database", "cache", "http")


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Break one dependency after the other, and hold the check against what users get meanwhile."""
    if not lab.health_path:
        raise NotRunError("no health check was found; --health PATH names it")
    chosen = [each for each in lab.leading.dependencies if each.role in ROLES and lab.touching(each)]
    if not chosen:
        raise NotApplicableError("it talks to nothing whose loss a health check could be honest about")
    found, proofs, sessions, success = {}, {}, [], 1.0
    for each in chosen:
        async with lab.session(health=True) as session:
            rate, names = heavy(lab, each) if each.role == "http" else (0.0, ())
            control = await session.control(rate=rate, names=names)
            success = min(success, control.success)
            found[each.name], proofs[each.name] = await _break(session, each)
            sessions.append(session.proof())
    return _measured(lab, found, proofs, sessions, success)


async def _break(session: Session, dependency: Dependency) -> tuple[Honesty, dict[str, object]]:
    assert session.health is not None
    fault, parameters = hanging(dependency) if dependency.role == "http" else ("down", {})
    # threads fill up only after a while, and an application is not dead before
    lasts_s = max(LASTS_S, session.lab.pace.fault_s) + (FILLING_S if dependency.role == "http" else 0.0)
    async with session.fault(dependency, fault, **parameters) as meeting:
        await session.wait(lasts_s)
        until = session.now()
    probes = [each for each in session.health.samples() if meeting.began <= each.at < until - 0.5]
    # who calls a service that hangs is not served, and no check can help that; the others are who is asked about
    apart = session.lab.apart_from(dependency) if dependency.role == "http" else ()
    users = [each for each in session.player.samples() if not apart or each.name in apart]
    return honesty(probes, users), meeting.proof()


def _measured(
    lab: Lab,
    found: dict[str, Honesty],
    proofs: dict[str, dict[str, object]],
    sessions: list[dict[str, object]],
    success: float,
) -> Measured:
    blind = max(found, key=lambda name: found[name].longest_false_ready_s)
    nervous = max(found, key=lambda name: found[name].longest_false_alarm_s)
    ready_s, alarm_s = found[blind].longest_false_ready_s, found[nervous].longest_false_alarm_s
    asks = ", ".join(lab.health_touches) or "nothing"
    if ready_s > MOST_WRONG_S:
        sentence = f"{lab.health_path} says that all is well for {ready_s:g} s while users get nothing ({blind} broken)"
    elif alarm_s > MOST_WRONG_S:
        sentence = f"{lab.health_path} fails for {alarm_s:g} s while users are served ({nervous} broken)"
    else:
        sentence = f"{lab.health_path} was never wrong for longer than {max(ready_s, alarm_s):g} s"
    cause, fix = dishonest(blind=ready_s > MOST_WRONG_S, asks=asks, broken=blind if ready_s > MOST_WRONG_S else nervous)
    told = sum(each.dead_said_ready + each.dead_said_not + each.serving_said_ready for each in found.values())
    return Measured(
        holds=max(ready_s, alarm_s) <= MOST_WRONG_S if told else None,
        sentence=sentence if told else "with every fault about half of the users were served: no answer would be wrong",
        value=max(ready_s, alarm_s),
        threshold=MOST_WRONG_S,
        unit="s in which it says the wrong thing",
        fault_proof={"times": min(_touched(each) for each in proofs.values()), "faults": proofs},
        generator_proof=max(sessions, key=lambda each: float(str(each["slip_p99_ms"]))),
        evidence={
            "control_success": round(success, 3),
            "the_check_asks": asks,
            "said_ready_while_dead_s": {name: each.longest_false_ready_s for name, each in found.items()},
            "said_dead_while_serving_s": {name: each.longest_false_alarm_s for name, each in found.items()},
            "matrix": dict(found),
        },
        cause=cause,
        fix=fix,
    )


def _touched(proof: dict[str, object]) -> int:
    return int(str(proof.get("times", 0))) or int(str(proof.get("kept_away", 0)))


TRIAL = Trial(
    name="health-honesty",
    title="The health check tells what users get",
    what="One dependency after the other is broken while the health check is asked twice a second, with a second of "
    "patience, as an orchestrator does.",
    why="A check that says 200 while the application is dead keeps traffic on it. One that fails while users are "
    "served takes every healthy copy away at once: the check is then the outage.",
    inject="The database and the cache refuse connections, HTTP services hang; each alone. Of those "
    "that hang it is about the endpoints that do not call them.",
    measure="The longest time in one piece in which it said the opposite of what users got: ready while less than half "
    "of them were served within two seconds, or failing while at least 95 % were.",
    gate=f"At most {MOST_WRONG_S:g} s, of either kind.",
    evidence="What the check said and users got, by dependency; which dependencies it asks itself.",
    causes=(
        "an `async def` check beside sync handlers whose threads are all stuck",
        "a check that asks nothing, or one that asks what users can do without",
        "a check that shares a pool with everything that is slow, and waits longer than the probe does",
    ),
    role="",
    run=run,
    seconds=22.0,
)
