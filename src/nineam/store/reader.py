"""Reads run files: finished ones, and those a killed controller left behind."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from nineam.errors import UsageError
from nineam.model import LoadStats, Tick
from nineam.store.records import (
    Blocked,
    ColumnSum,
    Gauge,
    Held,
    LayerSum,
    Meta,
    QuerySum,
    RequestSum,
    RunData,
    SampledRequest,
    SeenTransaction,
    SpotSum,
    StackCount,
    StoredPhase,
)
from nineam.store.writer import FORMAT

POLITE = "WHERE phase IN (SELECT id FROM phase WHERE kind IN ('localhost', 'grown'))"


def read(path: Path) -> RunData:
    """Read a whole run file.

    Raises UsageError when there is none, when it is not a run file, or when another version wrote it.
    """
    if not path.is_file():
        raise UsageError(f"no run file at {path}", hint="`nineam run` prints where it keeps its runs (.nineam/)")
    try:
        with closing(sqlite3.connect(path)) as db:
            _check(db, path)
            return _read(db, path)
    except (sqlite3.Error, msgspec.MsgspecError, ValueError, TypeError) as error:
        hint = "run files are named run-*.db; `nineam report` without a name takes the latest"
        raise UsageError(f"{path} is not a run file nineam can read: {error}", hint=hint) from None


def samples(path: Path) -> tuple[SampledRequest, ...]:
    """Read the bounded sample of whole requests."""
    with closing(sqlite3.connect(path)) as db:
        return _samples(db, "")


def _samples(db: sqlite3.Connection, only: str) -> tuple[SampledRequest, ...]:
    query = "SELECT phase, e.value, at_ns, total_ns, status, steps_ns, longest_ns, layers FROM request"
    rows = db.execute(f"{query} JOIN name e ON e.id = endpoint {only}").fetchall()
    return tuple(
        SampledRequest(
            **dict(zip(SampledRequest.__struct_fields__, (*row[:-1], msgspec.json.decode(row[-1])), strict=True))
        )
        for row in rows
    )


def ticks(path: Path) -> tuple[Tick, ...]:
    """Read what the load process counted, interval by interval, on the wall clock; of a file that `read` accepts."""
    query = "SELECT kind, stair, at_ns, vus, stats FROM load JOIN phase ON phase.id = phase ORDER BY at_ns"
    decode = msgspec.json.Decoder(LoadStats).decode
    with closing(sqlite3.connect(path)) as db:
        epoch_ns = msgspec.convert(_meta(db), Meta).epoch_ns
        rows = db.execute(query).fetchall()
    return tuple(_tick(row[:2], row[2] + epoch_ns, row[3], decode(row[4])) for row in rows)


def _tick(phase: tuple[str, int], at_ns: int, vus: int, stats: LoadStats) -> Tick:
    kind, stair = phase
    return Tick(kind=kind, stair=stair, at_s=at_ns / 1e9, seconds=stats.generator.wall_s, vus=vus, stats=stats)


def _check(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version != FORMAT:
        hint = "it is no run file, or another version of nineam wrote it: run again"
        raise UsageError(f"{path} has format {version}, expected {FORMAT}", hint=hint)


def _read(db: sqlite3.Connection, path: Path) -> RunData:
    load: dict[int, list[LoadStats]] = {}
    vus: dict[int, list[int]] = {}
    decode = msgspec.json.Decoder(LoadStats).decode
    for phase, stats, active in db.execute("SELECT phase, stats, vus FROM load ORDER BY at_ns"):
        load.setdefault(phase, []).append(decode(stats))
        vus.setdefault(phase, []).append(active)
    meta = _meta(db)
    return RunData(
        path=str(path),
        meta=meta,
        phases=tuple(_phase(row) for row in db.execute("SELECT * FROM phase ORDER BY id")),
        load={phase: tuple(stats) for phase, stats in load.items()},
        vus={phase: tuple(active) for phase, active in vus.items()},
        requests=_named(db, RequestSum, "request_total", ("endpoint",)),
        layers=_named(db, LayerSum, "layer_total", ("endpoint", "layer")),
        queries=_named(db, QuerySum, "query_total", ("endpoint", "statement", "site", "relation", "caller")),
        spots=_named(db, SpotSum, "spot_total", ("endpoint", "layer", "site", "caller")),
        held=_named(db, Held, "held", ("endpoint", "layer", "site", "call")),
        stacks=_stacks(db),
        gauges=tuple(
            msgspec.convert({"at_ns": at, "process": process, "values": msgspec.json.decode(values)}, Gauge)
            for at, process, values in db.execute("SELECT * FROM gauge ORDER BY at_ns")
        ),
        transactions=_added(db, SeenTransaction, "transaction_seen", ("statement",)),
        blocked=_added(db, Blocked, "blocked", ("waiting", "holding")),
        sources={(kind, name): site for kind, name, site in db.execute("SELECT * FROM source")},
        hooks=dict(db.execute("SELECT library, state FROM hook")),
        notices=tuple(row[0] for row in db.execute("SELECT text FROM notice")),
        polite=_samples(db, POLITE),
        columns=_added(db, ColumnSum, "column_total", ("statement", "column")),
    )


def _meta(db: sqlite3.Connection) -> dict[str, Any]:
    meta = {key: msgspec.json.decode(value) for key, value in db.execute("SELECT key, value FROM meta")}
    msgspec.convert(meta, Meta)
    return meta


def _phase(row: tuple[Any, ...]) -> StoredPhase:
    held = row[-1]
    fields = dict(zip(StoredPhase.__struct_fields__, (*row[:-1], None if held is None else bool(held)), strict=True))
    return msgspec.convert(fields, StoredPhase)


def _stacks(db: sqlite3.Connection) -> tuple[StackCount, ...]:
    names = dict(db.execute("SELECT id, value FROM name"))
    rows = db.execute("SELECT phase, endpoint, layer, frames, samples FROM stack")
    return tuple(
        StackCount(
            phase=phase,
            endpoint=names.get(endpoint, ""),
            layer=names.get(layer, ""),
            frames=tuple(names.get(frame, "") for frame in msgspec.json.decode(frames, type=list[int])),
            samples=samples,
        )
        for phase, endpoint, layer, frames, samples in rows
    )


R = TypeVar("R")


def _added(db: sqlite3.Connection, record: type[R], table: str, named: tuple[str, ...]) -> tuple[R, ...]:
    """Read a table that run files of this format have had since later; empty where there is none."""
    there = db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    return _named(db, record, table, named) if there else ()


def _named(db: sqlite3.Connection, record: type[R], table: str, named: tuple[str, ...]) -> tuple[R, ...]:
    """Read a table into records, with the numbers in the columns `named` turned back into strings.

    What a run file of this format has had since later only, the record has a default for.
    """
    there = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
    fields = [field for field in record.__struct_fields__ if field in there]  # type: ignore[attr-defined]
    names = dict(db.execute("SELECT id, value FROM name"))
    rows = db.execute(f"SELECT {', '.join(fields)} FROM {table}")  # noqa: S608 - names are ours
    at = [fields.index(column) for column in named]
    found = []
    for row in rows:
        values = list(row)
        for index in at:
            values[index] = names.get(values[index], "")
        found.append(msgspec.convert(dict(zip(fields, values, strict=True)), record))
    return tuple(found)
