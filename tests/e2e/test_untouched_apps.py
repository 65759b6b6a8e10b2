"""Applications that know nothing of nineam run as they are, in a venv without it, and every millisecond has a layer."""

import ast
import subprocess

import jsonschema
import pytest

from nineam.report.schema import run_schema

UNTRUSTWORTHY = 4
"""What a run ends with on a machine so busy that the generator was late; the run itself is whole."""


def test_the_venv_of_the_applications_does_not_have_nineam(other_python, tmp_path):
    found = "import importlib.util, sys; sys.exit(importlib.util.find_spec('nineam') is not None)"
    assert subprocess.run([other_python, "-c", found], cwd=tmp_path, check=False).returncode == 0


def test_a_run_ends_well_and_says_nothing_that_looks_like_a_bug(ran):
    assert ran.outcome.code in {0, UNTRUSTWORTHY}, ran.outcome.out + ran.outcome.err
    assert "Traceback" not in ran.outcome.out + ran.outcome.err


def test_the_exit_code_tells_whether_the_measurement_can_be_trusted(ran):
    trusted = ran.document["generator"]["trustworthy"]
    assert ran.outcome.code == (0 if trusted else UNTRUSTWORTHY)
    assert ran.document["verdict"]["status"] == ("ready" if trusted else "not-proven")
    assert ("READY FOR" in ran.outcome.out) is trusted


def test_the_document_validates_against_the_schema(ran):
    jsonschema.Draft202012Validator(run_schema()).validate(ran.document)


def test_the_application_ran_in_its_own_interpreter(ran, other_python):
    assert ran.document["target"]["command"].startswith(str(other_python.parent))
    assert ran.document["target"]["framework"] == ran.case.framework


def test_every_endpoint_is_there_under_its_route_template(ran):
    for phase in ("localhost", "monday"):
        endpoints = ran.document[phase]["endpoints"]
        assert set(ran.case.queries) <= set(endpoints)
        for endpoint in endpoints.values():
            assert set(endpoint["statuses"]) == {"200"}


@pytest.mark.parametrize("name", ["flask", "starlette"])
def test_a_route_with_a_number_in_it_is_asked_with_a_number(runs, name):
    assert not [notice for notice in runs(name).document["notices"] if notice.startswith("not exercised")]


def test_layers_add_up_to_the_time_on_the_server(ran):
    for phase in ("localhost", "monday"):
        for name in ran.case.queries:
            endpoint = ran.document[phase]["endpoints"][name]
            mean, layers = endpoint["server_mean_ms"], endpoint["layers_ms"]
            assert abs(sum(layers.values()) - mean) <= 0.05 * mean, (phase, name)
            assert layers.get("unattributed", 0.0) < 0.10 * mean, (phase, name)


def test_queries_per_request_are_counted_exactly(ran):
    for phase in ("localhost", "monday"):
        endpoints = ran.document[phase]["endpoints"]
        assert {name: endpoints[name]["queries_per_request"] for name in ran.case.queries} == ran.case.queries


def test_the_hooks_for_its_libraries_are_active_and_their_layers_seen(ran):
    hooks = ran.document["observer"]["hooks"]
    assert {name: hooks.get(name) for name in ran.case.hooks} == dict.fromkeys(ran.case.hooks, "active")
    assert set(hooks.values()) == {"active"}
    seen = {layer for endpoint in ran.document["localhost"]["endpoints"].values() for layer in endpoint["layers_ms"]}
    assert set(ran.case.layers) <= seen


def test_nothing_of_the_application_was_changed(ran):
    after = {file.name for file in ran.folder.iterdir()}
    assert after - set(ran.before) <= {".nineam", "__pycache__", "run.json"}
    assert {name: (ran.folder / name).read_bytes() for name in ran.before} == ran.before


def test_every_record_of_the_agent_arrived(ran):
    assert ran.document["observer"]["records"] > 0
    assert ran.document["observer"]["dropped"] == 0


@pytest.mark.parametrize("name", ["fastapi", "uvicorn"])
def test_a_lazy_relationship_is_found_at_its_line(runs, name):
    ran = runs(name)
    (found,) = [finding for finding in ran.document["findings"] if finding["code"] == "n-plus-one"]
    tree = ast.parse((ran.folder / ran.case.source).read_text())
    lazy = [node for node in ast.walk(tree) if ast.unparse(node) == "order.customer.name"]
    assert found["endpoint"] == "GET /orders"
    assert found["where"] in {f"{ran.case.source}:{node.lineno}" for node in lazy}
    assert found["function"] == "orders"
