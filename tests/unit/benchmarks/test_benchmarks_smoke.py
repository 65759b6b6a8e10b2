"""Every benchmark runs from end to end, with tiny settings and without the peers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", "--tools", "nineam", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def measured(tmp_path: Path, name: str, *arguments: str) -> tuple[str, dict]:
    found = run(name, "--repeats", "1", "--json", str(tmp_path / "found.json"), *arguments)
    assert found.returncode == 0, found.stderr
    data = json.loads((tmp_path / "found.json").read_text())
    assert data["schema"] == "nineam/bench/2"
    return found.stdout, data["benchmarks"][name]


def test_load_cpu(tmp_path):
    text, data = measured(tmp_path, "load-cpu", "--seconds", "0.5", "--users", "4")
    assert "| nineam, journey |" in text
    assert data["nineam, one URL"]["runs"][0]["requests"] > 0


def test_thinking_users(tmp_path):
    text, data = measured(tmp_path, "thinking-users", "--seconds", "1", "--users", "20")
    (one,) = data["tools"]["nineam"]["runs"]
    assert "nineam: at most 60 MB" in text
    assert one["requests"] >= one["reported"]["requests"] > 0
    assert one["reported"]["mean_ms"] > 0 < one["probe_mean_ms"]


def test_latency_truth(tmp_path):
    text, data = measured(tmp_path, "latency-truth", "--seconds", "2", "--rate", "50")
    (one,) = data["tools"]["nineam"]["runs"]
    assert "what happened to nineam's requests" in text
    assert one["reported"]["requests"] == one["truth"]["requests"] == 100
    assert one["truth"]["max_ms"] > 300  # the freeze is 0.4 s here


def test_soak(tmp_path):
    text, data = measured(tmp_path, "soak", "--minutes", "0.05", "--rate", "100")
    assert "resident memory flat" in text
    assert data["requests"] == 300
    assert len(data["memory"]) >= 10


def test_grow(tmp_path):
    text, data = measured(tmp_path, "grow", "--rows", "5000")
    assert "| SQLite" in text
    assert data["SQLite"]["grown"][0] > 0
    assert data["SQLite"]["faker"] == []


def test_a_benchmark_that_does_not_exist_is_named():
    refused = run("load-gpu")
    assert refused.returncode == 2
    assert "there is no benchmark 'load-gpu'" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("script", sorted((ROOT / "benchmarks" / "scripts").glob("*.py")), ids=lambda path: path.stem)
def test_scripts_compile(script):
    compile(script.read_text(), str(script), "exec")
