"""Locust's four CSV files: its columns, its last row, and percentiles that are true."""

import csv
import io

import intervals
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.model import EndpointStats, LoadStats, Tick
from nineam.report.locust_csv import render_locust_csv

PERCENTS = ["50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%"]


def table(ticks, suffix, **of):
    text = "".join(render_locust_csv(intervals.document(**of), ticks)[suffix])
    return list(csv.DictReader(io.StringIO(text)))


def test_the_columns_are_locust_s():
    files = {suffix: next(iter(lines)) for suffix, lines in render_locust_csv(intervals.document(), []).items()}
    percents = ",".join(PERCENTS)
    assert files == {
        "_stats.csv": "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
        "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s," + percents + "\r\n",
        "_stats_history.csv": "Timestamp,User Count,Type,Name,Requests/s,Failures/s," + percents + ","
        "Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,"
        "Total Min Response Time,Total Max Response Time,Total Average Content Size\r\n",
        "_failures.csv": "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n",
        "_exceptions.csv": "Count,Message,Traceback,Nodes\r\n",
    }


def test_stats_have_a_row_for_each_endpoint_and_aggregated_comes_last():
    cart, orders, total = table(intervals.run(), "_stats.csv")
    assert (cart["Type"], cart["Name"], cart["Request Count"], cart["Failure Count"]) == ("POST", "/cart", "12", "8")
    assert (orders["Type"], orders["Name"], orders["Request Count"]) == ("GET", "/orders", "24")
    assert (float(orders["Average Response Time"]), float(orders["Max Response Time"])) == (20.0, 30.0)
    assert (total["Type"], total["Name"], total["Request Count"]) == ("", "Aggregated", "36")
    assert (float(total["Requests/s"]), float(total["Failures/s"])) == (9.0, 2.0)
    assert (orders["Average Content Size"], total["Average Content Size"]) == ("N/A", "100.0")


def test_only_the_phases_of_the_totals_are_in_it():
    assert table(intervals.run(), "_stats.csv", stairs=(1,), seconds=2.0)[-1]["Request Count"] == "16"
    assert table(intervals.run(), "_stats.csv", stairs=())[-1]["95%"] == "N/A"


def test_history_has_a_row_a_second_and_ends_at_the_totals():
    history = table(intervals.run(), "_stats_history.csv")
    total = [row for row in history if row["Name"] == "Aggregated"]
    assert [int(row["Timestamp"]) - int(intervals.BEGAN_S) for row in total] == [3, 4, 5, 6]
    assert [row["User Count"] for row in total] == ["7", "7", "9", "9"]
    assert [row["Total Request Count"] for row in total] == ["8", "16", "26", "36"]
    assert [float(row["Requests/s"]) for row in total] == [8.0, 8.0, 10.0, 10.0]
    assert [float(row["100%"]) for row in total] == [40.0, 40.0, 1000.0, 1000.0]
    last, stats = total[-1], table(intervals.run(), "_stats.csv")[-1]
    for ours, theirs in (("Total Request Count", "Request Count"), ("Total Max Response Time", "Max Response Time")):
        assert last[ours] == stats[theirs]


def test_the_part_of_a_second_at_the_end_of_a_phase_has_no_row_of_its_own():
    ticks = [*intervals.run(), intervals.tick(13, intervals.endpoint(), stair=2, seconds=0.02, vus=0)]
    total = [row for row in table(ticks, "_stats_history.csv") if row["Name"] == "Aggregated"]
    assert [row["User Count"] for row in total] == ["7", "7", "9", "9"]
    assert total[-1]["Total Request Count"] == table(ticks, "_stats.csv")[-1]["Request Count"]
    assert 12 < float(total[-1]["Requests/s"]) < 13


def test_failures_say_how_often_and_when():
    status, timeout = table(intervals.run(), "_failures.csv")
    assert (status["Method"], status["Name"], status["Error"]) == ("POST", "/cart", "status 500")
    assert (timeout["Error"], timeout["Occurrences"]) == ("timeout", "4")
    assert timeout["First Seen"] < timeout["Last Seen"]
    assert timeout["Last Seen"].endswith("+00:00")


def test_bugs_in_journeys_are_exceptions():
    assert table([], "_exceptions.csv") == [
        {"Count": "3", "Message": "KeyError: 'id'", "Traceback": "monday.py:12", "Nodes": "local"}
    ]


def test_a_name_with_commas_quotes_and_escapes_stays_one_cell():
    ticks = [intervals.tick(1, intervals.endpoint('GET /a,"b"\x1b\n'))]
    assert table(ticks, "_stats.csv")[0]["Name"] == '/a,"b"\\x1b'


@given(st.lists(st.lists(st.floats(0.0, 60_000.0), min_size=1, max_size=30), min_size=1, max_size=6))
def test_percentiles_rise_and_are_never_above_the_maximum(answers):
    ticks = [intervals.tick(n, intervals.endpoint(answers=tuple(each))) for n, each in enumerate(answers)]
    for row in table(ticks, "_stats.csv"):
        found = [float(row[percent]) for percent in PERCENTS]
        assert found == sorted(found)
        assert found[-1] == float(row["Max Response Time"])
        assert found[0] == float(row["Median Response Time"]) >= float(row["Min Response Time"])


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r\n@SUM(1)", " =1"])
def test_no_name_is_a_formula_or_breaks_a_line(name):
    stats = LoadStats(endpoints=(EndpointStats(name=name, requests=1),))
    tick = Tick(kind="monday", stair=1, at_s=1.0, seconds=1.0, stats=stats)
    lines = list(render_locust_csv(intervals.document(stairs=(1,)), [tick])["_stats.csv"])
    (cell,) = (row["Name"] for row in csv.DictReader(lines) if row["Name"] != "Aggregated")
    assert cell.startswith("'")
    assert cell.endswith(name.strip())
    assert all(line.count("\n") == 1 for line in lines)
