"""Nothing of the agent's is ever taken for the application's, wherever the application's root is."""

import os
from pathlib import Path

import kit
import pytest

for library in ("fastapi", "requests"):
    pytest.importorskip(library, reason=f"{library} is what is asked here")


def test_with_the_agent_below_the_applications_root_no_line_is_the_agents():
    agent = Path(kit.INJECT).parent
    root = os.path.commonpath([agent, kit.CHILDREN])
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, NINEAM_ROOT=root)
        kit.answer_of([str(kit.CHILDREN / "waits.py"), "/requests", "/event", "/async_lock"], environment)
        controller.settle()
    sites = {site for _, _, site in controller.events(kit.wire.SOURCE)}
    sites |= {spot.site for request in controller.requests for spot in request.spots}
    assert any("waits.py:" in site for site in sites)
    assert not [site for site in sites if str(agent.relative_to(root)) in site]
