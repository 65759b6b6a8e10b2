"""The run file: what is written is what is read, also when the writer never got to the end."""

import shutil
import sqlite3
from contextlib import closing, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.model import EndpointStats, GeneratorStats, HistogramData, LoadStats
from nineam.store.reader import read
from nineam.store.records import Meta, StoredPhase
from nineam.store.writer import FORMAT, Writer

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs" / "run.db"


@pytest.fixture
def writer(path):
    return Writer(path)


def stats(requests=1):
    response = HistogramData(counts={5: requests}, count=requests)
    return LoadStats(
        endpoints=(EndpointStats(name="GET /x", requests=requests, response=response),),
        generator=GeneratorStats(requests=requests, wall_s=0.5),
    )


def test_phases_come_back_as_they_were_written(writer, path):
    first = writer.begin_phase("localhost", 0, 0.0, 1, 100)
    writer.end_phase(first, 200, True)
    second = writer.begin_phase("monday", 1, 12.5, 0, 300)
    writer.end_phase(second, 400, False)
    writer.begin_phase("after", 0, 0.0, 1, 500)
    writer.close()
    phases = read(path).phases
    assert [phase.kind for phase in phases] == ["localhost", "monday", "after"]
    assert [phase.held for phase in phases] == [True, False, None]
    assert phases[1] == StoredPhase(
        id=second, kind="monday", stair=1, rate=12.5, users=0, begin_ns=300, end_ns=400, held=False
    )  # fmt: skip
    assert phases[2].end_ns is None
    assert phases[2].seconds == 0


def test_load_comes_back_in_order_whole(writer, path):
    phase = writer.begin_phase("monday", 1, 1.0, 0, 0)
    writer.load(phase, 20, stats(2))
    writer.load(phase, 10, stats(1))
    writer.close()
    assert read(path).load == {phase: (stats(1), stats(2))}


FACTS = TEXT.filter(lambda name: name not in Meta.__struct_fields__)  # those have types of their own


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.dictionaries(FACTS, st.none() | st.integers(-(2**53), 2**53) | TEXT | st.lists(st.booleans()), max_size=5),
    st.dictionaries(st.tuples(TEXT, TEXT), TEXT, max_size=4),
)
def test_any_text_and_any_fact_comes_back(tmp_path_factory, meta, sources):
    path = tmp_path_factory.mktemp("run") / "run.db"
    writer = Writer(path)
    for key, value in meta.items():
        writer.meta(key, value)
    writer.insert("source", [(*key, site) for key, site in sources.items()])
    writer.close()
    run = read(path)
    assert run.meta == meta
    assert run.sources == sources


def test_sums_add_up_over_several_writes_and_maxima_stay_maxima(writer, path):
    key = (1, *(writer.name(text) for text in ("GET /x", "SELECT", "a.py:1:f", "", "b.py:2:g")))
    writer.add("query_total", 6, [(*key, 1, 5, 4, 100, 70, 10, 5)], largest=1)
    writer.add("query_total", 6, [(*key, 2, 6, 6, 50, 7, 5, 3)], largest=1)
    writer.add("query_total", 6, [])
    writer.close()
    (row,) = read(path).queries
    assert (row.requests, row.executions, row.distinct_parameters, row.ns, row.most) == (3, 11, 10, 150, 5)
    assert (row.rows, row.fetch_ns, row.taken_ns) == (77, 15, 165)
    assert (row.endpoint, row.statement, row.site, row.relation) == ("GET /x", "SELECT", "a.py:1:f", "")
    assert row.caller == "b.py:2:g"


def test_a_file_from_before_rows_were_counted_reads_without_them(writer, path):
    key = (1, *(writer.name(text) for text in ("GET /x", "SELECT", "a.py:1:f", "", "")))
    writer.add("query_total", 6, [(*key, 1, 5, 4, 100, 70, 10, 5)], largest=1)
    writer.close()
    with closing(sqlite3.connect(path)) as db, db:
        for column in ("rows", "fetch_ns"):
            db.execute(f"ALTER TABLE query_total DROP COLUMN {column}")
        db.execute("DROP TABLE column_total")
    (row,) = read(path).queries
    assert (row.rows, row.taken_ns, row.most) == (0, 100, 5)
    assert read(path).columns == ()


def test_a_file_that_lacks_what_it_must_have_is_none(writer, path):
    writer.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE query_total")
        db.execute("CREATE TABLE query_total (phase INTEGER)")
    with pytest.raises(UsageError, match="not a run file"):
        read(path)


def test_a_fact_said_twice_is_the_later_one(writer, path):
    writer.meta("slo", "a")
    writer.meta("slo", "b")
    writer.insert("hook", [("json", "active")])
    writer.insert("hook", [("json", "failed")])
    writer.close()
    assert (read(path).meta, read(path).hooks) == ({"slo": "b"}, {"json": "failed"})


def unfinished(writer):
    phase = writer.begin_phase("monday", 1, 3.0, 0, 100)
    writer.load(phase, 150, stats())
    writer.commit()
    writer.meta("never", "committed")


def test_a_file_whose_writer_was_killed_reads_up_to_the_last_commit(writer, path, tmp_path):
    unfinished(writer)
    for file in path.parent.iterdir():
        shutil.copy(file, tmp_path / file.name)
    run = read(tmp_path / path.name)
    assert [phase.held for phase in run.phases] == [None]
    assert list(run.load.values()) == [(stats(),)]
    assert run.meta == {}


def test_a_file_reads_while_its_writer_is_at_work(writer, path):
    unfinished(writer)
    assert len(read(path).phases) == 1
    writer.close()
    assert read(path).meta == {"never": "committed"}


def test_a_closed_file_stands_alone(writer, path):
    unfinished(writer)
    writer.close()
    assert [file.name for file in path.parent.iterdir()] == ["run.db"]


def test_a_run_file_is_never_overwritten(writer, path):
    writer.close()
    before = path.read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        Writer(path)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        Writer(tmp_path / "file" / "run.db")


def test_no_file_is_said_with_the_next_step(tmp_path):
    with pytest.raises(UsageError, match="no run file") as caught:
        read(tmp_path / "nothing.db")
    assert "nineam run" in caught.value.hint


@pytest.mark.parametrize("version", [0, FORMAT + 1])
def test_a_file_of_another_format_is_refused(writer, path, version):
    writer.close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {version}")
    db.close()
    with pytest.raises(UsageError, match=f"has format {version}, expected {FORMAT}"):
        read(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_file_that_is_no_run_file_is_refused(tmp_path, content):
    (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(UsageError):
        read(tmp_path / "x.db")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_but_never_crashes(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("run") / "run.db"
    writer = Writer(path)
    unfinished(writer)
    writer.add("request_total", 3, [(1, 0, writer.name("GET /x"), 1, 2, 3, 4, 5)])
    writer.close()
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=20)):
            content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    with suppress(UsageError):
        read(path)
