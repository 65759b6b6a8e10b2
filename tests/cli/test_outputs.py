"""Outputs for other tools, through the front door: during a run and from the file it leaves."""

import csv
import http.server
import json
import threading
from xml.etree import ElementTree

import pytest

LOCUST = ("_stats.csv", "_stats_history.csv", "_failures.csv", "_exceptions.csv")


@pytest.fixture
def receiver():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.received = []
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def aggregated(file):
    *_, last = csv.DictReader(file.open(newline=""))
    assert last["Name"] == "Aggregated"
    return last


def test_a_run_is_sent_while_it_goes_on_and_nobody_there_costs_one_note(nineam, project, short, receiver, free_port):
    nobody = f"http://ann:s3cret@127.0.0.1:{free_port()}"
    outcome = nineam(
        "run", "plain_asgi:app", "--users", "2", "--think", "0.05", *short,
        "--prometheus", receiver.url, "--otlp", nobody, "--csv", "x",
        "--json-lines", "x.jsonl", "--k6-summary", "k6.json", cwd=project,
    )  # fmt: skip
    assert outcome.code in {0, 4}, outcome.err
    assert {path for path, _ in receiver.received} == {"/api/v1/write"}
    notes = [line for line in " ".join(outcome.out.split()).split("note: ") if line.startswith("--otlp")]
    assert len(notes) == 1
    assert "deliveries failed (connection refused)" in notes[0]
    assert "s3cret" not in outcome.out + outcome.err
    summary = json.loads((project / "k6.json").read_text())
    requests = next(each for each in summary["results"]["metrics"] if each["name"] == "http_reqs")["values"]["count"]
    assert requests > 0
    assert float(aggregated(project / "x_stats.csv")["Request Count"]) == requests
    assert float(aggregated(project / "x_stats_history.csv")["Total Request Count"]) == requests
    points = [json.loads(line) for line in (project / "x.jsonl").read_text().splitlines()]
    counted = [p["data"] for p in points if p["type"] == "Point" and p["metric"] == "http_reqs"]
    assert {point["tags"]["phase"] for point in counted} >= {"localhost", "monday", "after"}


def test_a_kept_run_file_gives_the_same_outputs_again(nineam, finished, receiver, tmp_path):
    outcome = nineam(
        "report", str(finished[1]), "--csv", "x", "--json-lines", "x.jsonl", "--k6-summary", "k6.json",
        "--junit", "x.xml", "--prometheus", receiver.url, "--otlp", receiver.url, cwd=tmp_path,
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert all((tmp_path / f"x{suffix}").exists() for suffix in LOCUST)
    assert int(aggregated(tmp_path / "x_stats.csv")["Request Count"]) > 0
    assert json.loads((tmp_path / "k6.json").read_text())["version"] == "1.0.0"
    assert {path for path, _ in receiver.received} == {"/api/v1/write", "/v1/metrics"}
    assert ElementTree.parse(tmp_path / "x.xml").getroot().get("skipped") is not None


def test_json_lines_and_the_k6_summary_go_to_standard_output_alone(nineam, finished, tmp_path):
    outcome = nineam("report", str(finished[1]), "--json-lines", "-", cwd=tmp_path)
    assert {json.loads(line)["type"] for line in outcome.out.splitlines()} == {"Metric", "Point"}
    outcome = nineam("report", str(finished[1]), "--k6-summary", "-", cwd=tmp_path)
    assert json.loads(outcome.out)["config"]["execution"] == "local"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--csv", "-"), ("--csv -", "standard output")),
        (("--csv", "nowhere/x"), ("--csv nowhere/x", "no directory nowhere")),
        (("--json-lines", "nowhere/x"), ("--json-lines nowhere/x", "no directory nowhere")),
        (("--k6-summary", "."), ("--k6-summary .", "is a directory")),
        (
            ("--prometheus", "localhost:9090"),
            ("--prometheus", "'localhost:9090'", "http://127.0.0.1:9090/api/v1/write"),
        ),
        (("--otlp", "grpc://x"), ("--otlp", "'grpc://x'", "/v1/metrics")),
    ],
    ids=lambda value: "-".join(value).strip("-") if isinstance(value, tuple) else value,
)
def test_an_output_that_cannot_be_is_refused_before_anything_starts(refused, arguments, says):
    outcome = refused("run", "plain_asgi:app", *arguments, says=says)
    assert "starting" not in outcome.err


def test_a_finished_run_that_cannot_be_sent_is_told_with_the_reason(refused, finished, free_port):
    refused(
        "report", str(finished[1]), "--prometheus", f"http://ann:s3cret@127.0.0.1:{free_port()}/push",
        says=("--prometheus http://127.0.0.1:", "deliveries failed (connection refused)"),
    )  # fmt: skip
