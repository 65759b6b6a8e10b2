"""An application cannot tell whether the agent is there: the same answers, errors, types and signatures."""

import kit
import pytest

for library in ("fastapi", "flask", "sqlalchemy", "httpx"):
    pytest.importorskip(library, reason=f"{library} is part of what must not change")

NAMES = (
    "signatures", "json_module", "pydantic_models", "encoder", "sqlite_classes", "sqlite_work", "sqlite_transactions",
    "sqlalchemy_orm", "sqlalchemy_pool", "exceptions", "fastapi_features", "fastapi_client", "threads", "cancelling",
    "flask_client",
)  # fmt: skip


@pytest.fixture(scope="module")
def both():
    script = ["-W", "ignore", str(kit.CHILDREN / "behaviour.py")]
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path)
        with_agent = kit.answer_of(script, environment)
        without = kit.answer_of(script, {**environment, "NINEAM_AGENT": "off"})
    assert (with_agent["agent"], without["agent"]) == (True, False)
    return with_agent["done"], without["done"]


@pytest.mark.parametrize("name", NAMES)
def test_behaviour_is_the_same_with_the_agent(both, name):
    with_agent, without = both
    assert "broke" not in without[name]
    assert with_agent[name] == without[name]


def test_every_behaviour_is_compared(both):
    assert set(both[1]) == set(NAMES)
