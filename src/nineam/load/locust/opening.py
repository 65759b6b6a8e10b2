"""Beginning and ending the run of a locustfile in a load process."""

from pathlib import Path
from typing import Any

from nineam.errors import UsageError
from nineam.load.locust import loading
from nineam.load.locust.environment import Environment, LocalRunner, parse_options
from nineam.load.locust.exceptions import NotOfferedError
from nineam.load.locust.hooks import EVENTS
from nineam.load.locust.needs import uses
from nineam.load.locust.reported import answer_to
from nineam.load.locust.world import World
from nineam.load.roles import Surroundings
from nineam.model import LoadPlan


def open_world(plan: LoadPlan, surroundings: Surroundings) -> World:
    """Import the plan's locustfile and tell it that the test starts. Raises `UsageError` when it cannot be used."""
    loaded = loading.load(plan.locustfile)
    host = plan.base_url.rstrip("/")
    environment = Environment(user_classes=loaded.users, host=host)
    environment.runner = LocalRunner(environment, plan.shard)
    world = World(surroundings, loaded.users, environment, str(Path(plan.locustfile).resolve()))
    for each in loaded.users:
        each.host = host
    EVENTS.problem = world.early.append
    EVENTS.count = lambda told: surroundings.collector.record(answer_to(told))
    environment.runner.seats = world.seats
    world.seed(plan.shard)
    try:
        environment.parsed_options = parse_options(host)
    except NotOfferedError as error:
        raise UsageError(f"{plan.locustfile}: {error}") from error
    _start(plan, world, environment)
    return world


def _start(plan: LoadPlan, world: World, environment: Any) -> None:
    EVENTS.init.fire(environment=environment, runner=environment.runner, web_ui=None)
    if uses(Path(plan.locustfile).read_text(encoding="utf-8-sig"), "stats"):
        EVENTS.request.add_listener(environment.stats.log)
    environment.runner.state = "running"
    EVENTS.test_start.fire(environment=environment)
    EVENTS.problem = world.problem
    world.listening = bool(EVENTS.request.listeners)


def end(world: World) -> None:
    """Tell the file that the test is over."""
    world.environment.runner.state = "stopped"
    for event in (EVENTS.test_stopping, EVENTS.test_stop, EVENTS.quitting):
        event.fire(environment=world.environment)
    EVENTS.quit.fire(exit_code=world.environment.process_exit_code or 0)
