"""Speedscope, folded stacks and pprof, each read back by what knows only the format."""

import gzip
import json
from collections import Counter

import jsonschema
import msgspec
import pytest
import sample
from benchmarks.flames import document, flame, shop

from nineam.report.flame_stacks import Place, place
from nineam.report.folded import render_folded
from nineam.report.pprof import render_pprof
from nineam.report.speedscope import render_speedscope

X = "GET /api/orders"
EMPTY = document(())
HOSTILE = document(
    (flame("GET /a;b\n\ud800", "monday", 3, {"view": (2.0, ((("f;\x1b[31m (a;b.py:1)", "no place"), 2),))}),)
)

# the interfaces that speedscope publishes for its files, as a schema
SCHEMA = {
    "type": "object",
    "required": ["$schema", "shared", "profiles"],
    "properties": {
        "$schema": {"const": "https://www.speedscope.app/file-format-schema.json"},
        "version": {"type": "string"},
        "name": {"type": "string"},
        "activeProfileIndex": {"type": "integer", "minimum": 0},
        "shared": {
            "type": "object",
            "required": ["frames"],
            "properties": {"frames": {"type": "array", "items": {"$ref": "#/$defs/frame"}}},
        },
        "profiles": {"type": "array", "items": {"$ref": "#/$defs/sampled"}},
    },
    "$defs": {
        "frame": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"}, "file": {"type": "string"},
                "line": {"type": "integer"}, "col": {"type": "integer"},
            },
        },
        "sampled": {
            "type": "object",
            "required": ["type", "name", "unit", "startValue", "endValue", "samples", "weights"],
            "additionalProperties": False,
            "properties": {
                "type": {"const": "sampled"},
                "name": {"type": "string"},
                "unit": {"enum": ["none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"]},
                "startValue": {"type": "number"},
                "endValue": {"type": "number"},
                "samples": {"type": "array", "items": {"type": "array", "items": {"type": "integer", "minimum": 0}}},
                "weights": {"type": "array", "items": {"type": "number"}},
            },
        },
    },
}  # fmt: skip


def monday(run):
    return {flame.endpoint: flame for flame in run.flames if flame.phase == "monday"}


# --- speedscope ---


@pytest.mark.parametrize("run", [shop(), EMPTY, HOSTILE], ids=["shop", "empty", "hostile"])
def test_speedscope_reads_every_file(run):
    value = json.loads(render_speedscope(run))
    jsonschema.validate(value, SCHEMA)
    for profile in value["profiles"]:
        assert len(profile["samples"]) == len(profile["weights"])
        assert all(number < len(value["shared"]["frames"]) for stack in profile["samples"] for number in stack)


def test_speedscope_has_a_profile_per_endpoint_and_phase_whose_weights_are_its_mean_request():
    run = shop()
    value = json.loads(render_speedscope(run))
    profile = next(one for one in value["profiles"] if one["name"] == f"{X}, Monday")
    assert len(value["profiles"]) == 6
    assert value["profiles"][value["activeProfileIndex"]]["name"].endswith("Monday")
    assert (profile["unit"], profile["endValue"]) == ("milliseconds", pytest.approx(monday(run)[X].ms))
    assert sum(profile["weights"]) == pytest.approx(profile["endValue"])
    frames = value["shared"]["frames"]
    layers = Counter()
    for stack, weight in zip(profile["samples"], profile["weights"], strict=True):
        assert frames[stack[0]] == {"name": X}
        layers[frames[stack[1]]["name"]] += weight
    assert layers["db_execute"] == pytest.approx(45.0)
    assert layers["loop_lag"] == pytest.approx(28.0)
    assert {"name": "Cursor.execute", "file": "psycopg/cursor.py", "line": 97} in frames


def test_a_frame_without_a_line_keeps_its_file():
    assert place("encode (fastapi/encoders.py:None)") == Place("encode", "fastapi/encoders.py", 0)
    assert place("in a thread") == Place("in a thread", "", 0)


# --- folded ---


def test_a_folded_line_is_endpoint_layer_frames_and_microseconds_of_all_requests():
    run, layers = shop(), Counter()
    for line in render_folded(run).splitlines():
        names, _, weight = line.rpartition(" ")
        endpoint, layer, *_ = names.split(";")
        layers[endpoint, layer] += int(weight)
    assert layers[X, "db_execute"] == pytest.approx(45.0 * 911 * 1000, rel=1e-6)
    assert layers[X, "loop_lag"] == pytest.approx(28.0 * 911 * 1000, rel=1e-6)
    assert sum(layers.values()) == pytest.approx(sum(one.ms * one.requests for one in monday(run).values()) * 1000)


def test_a_hostile_name_ends_neither_its_frame_nor_its_line():
    assert render_folded(HOSTILE) == "GET /a,b \\ud800;view;f,\\x1b[31m (a,b.py:1);no place 6000\n"


def test_without_monday_localhost_is_written():
    run = msgspec.structs.replace(shop(), flames=tuple(one for one in shop().flames if one.phase == "localhost"))
    assert render_folded(run).startswith(f"{X};")
    assert render_folded(EMPTY) == ""


# --- pprof ---


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """Every field of a message: number and value."""
    at, found = 0, []
    while at < len(data):
        key, at = varint(data, at)
        value, at = varint(data, at)
        if key & 7 == 2:
            value, at = data[at : at + value], at + value
        else:
            assert key & 7 == 0
        found.append((key >> 3, value))
    return found


def numbers(data):
    at, found = 0, []
    while at < len(data):
        value, at = varint(data, at)
        found.append(value)
    return found


def decoded(data):
    """Types, and samples as (names from the root, values, labels), of a profile."""
    profile = fields(gzip.decompress(data))
    strings = [value.decode() for number, value in profile if number == 6]
    functions = {dict(fields(value))[1]: dict(fields(value)) for number, value in profile if number == 5}
    locations = {
        dict(fields(value))[1]: dict(fields(dict(fields(value))[4])) for number, value in profile if number == 4
    }
    assert strings[0] == ""
    assert strings[dict(profile)[14]] == "time"

    def frame(number):
        function = functions[locations[number][1]]
        return strings[function[2]], strings[function[4]], locations[number].get(2, 0)

    samples = []
    for sampled in (fields(value) for number, value in profile if number == 2):
        parts = dict(sampled)
        labels = [dict(fields(value)) for number, value in sampled if number == 3]
        samples.append((
            [frame(number) for number in reversed(numbers(parts[1]))],
            numbers(parts[2]),
            {strings[label[1]]: strings[label[2]] for label in labels},
        ))  # fmt: skip
    types = [dict(fields(value)) for number, value in profile if number == 1]
    return [(strings[kind[1]], strings[kind[2]]) for kind in types], samples


def test_pprof_has_samples_and_nanoseconds_labelled_by_endpoint_and_layer():
    run = shop()
    types, samples = decoded(render_pprof(run))
    assert types == [("samples", "count"), ("time", "nanoseconds")]
    total = sum(one.ms * one.requests for one in monday(run).values()) * 1e6
    assert sum(values[1] for _, values, _ in samples) == pytest.approx(total, rel=1e-9)
    frames, values, labels = max(samples, key=lambda one: one[1][0])
    assert labels == {"endpoint": X, "layer": "db_execute", "phase": "monday"}
    assert [frames[0], frames[1]] == [(X, "", 0), ("db_execute", "", 0)]
    assert frames[-1] == ("Connection.wait", "psycopg/connection.py", 453)
    assert values == [412, pytest.approx(45.0 * 412 / 517 * 911 * 1e6, abs=1)]


def test_pprof_is_the_same_twice_and_survives_hostile_names():
    assert render_pprof(shop()) == render_pprof(shop())
    assert decoded(render_pprof(EMPTY))[1] == []
    ((frames, _, labels),) = decoded(render_pprof(HOSTILE))[1]
    assert labels["endpoint"] == "GET /a;b\n\\ud800"
    assert frames[2] == ("f;\\x1b[31m", "a;b.py", 1)


def test_pprof_is_read_by_the_official_protocol_buffers():
    """Only the outermost message: that every byte of it is well formed and of a known field."""
    message = pytest.importorskip("google.protobuf.descriptor_pb2").FileDescriptorProto()
    pool = pytest.importorskip("google.protobuf.descriptor_pool").DescriptorPool()
    factory = pytest.importorskip("google.protobuf.message_factory")
    message.name, message.package, message.syntax = "profile.proto", "perftools.profiles", "proto3"
    for name, parts in PROTO.items():
        record = message.message_type.add(name=name)
        for number, (field, kind, repeated) in parts.items():
            added = record.field.add(name=field, number=number, label=3 if repeated else 1)
            if kind[0].isupper():
                added.type, added.type_name = 11, f".perftools.profiles.{kind}"
            else:
                added.type = {"int64": 3, "uint64": 4, "string": 9}[kind]
    pool.Add(message)
    profile = factory.GetMessageClass(pool.FindMessageTypeByName("perftools.profiles.Profile"))()
    profile.ParseFromString(gzip.decompress(render_pprof(shop())))
    strings = profile.string_table
    assert [strings[kind.unit] for kind in profile.sample_type] == ["count", "nanoseconds"]
    places = {place.id: place for place in profile.location}
    functions = {function.id for function in profile.function}
    assert len(places) == len(profile.location) > 20
    for sampled in profile.sample:
        assert len(sampled.value) == 2
        assert all(places[number].line[0].function_id in functions for number in sampled.location_id)


PROTO = {
    "Profile": {
        1: ("sample_type", "ValueType", True), 2: ("sample", "Sample", True), 4: ("location", "Location", True),
        5: ("function", "Function", True), 6: ("string_table", "string", True),
        14: ("default_sample_type", "int64", False),
    },
    "ValueType": {1: ("type", "int64", False), 2: ("unit", "int64", False)},
    "Sample": {1: ("location_id", "uint64", True), 2: ("value", "int64", True), 3: ("label", "Label", True)},
    "Label": {1: ("key", "int64", False), 2: ("str", "int64", False)},
    "Location": {1: ("id", "uint64", False), 4: ("line", "Line", True)},
    "Line": {1: ("function_id", "uint64", False), 2: ("line", "int64", False)},
    "Function": {
        1: ("id", "uint64", False), 2: ("name", "int64", False), 3: ("system_name", "int64", False),
        4: ("filename", "int64", False),
    },
}  # fmt: skip


def test_a_run_without_flames_exports_nothing_and_says_so_in_no_other_format():
    assert json.loads(render_speedscope(sample.shop()))["profiles"] == []
