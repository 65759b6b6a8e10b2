"""Thresholds, checks and metrics in the layout of k6's compact end-of-test summary."""

from collections.abc import Iterable

from nineam.model import CheckResult, Metric, RunDocument, ThresholdResult
from nineam.report import k6_numbers, view
from nineam.report.clean import one_line

PASS, FAIL = "✓", "✗"
TREND_COLUMNS = ("avg", "min", "med", "max", "p(90)", "p(95)")
_NAME_WIDTH = 35
_INDENT = "    "
_EXECUTION = frozenset({"dropped_iterations", "iteration_duration", "iterations", "vus", "vus_max", "group_duration"})
_NETWORK = frozenset({"data_received", "data_sent"})
_CATEGORIES = ("CUSTOM", "HTTP", "EXECUTION", "NETWORK", "WEBSOCKET")
_HIDDEN = frozenset({"http_req_sending", "http_req_waiting", "http_req_receiving"})
# k6 hides these as well, but a full accept queue or a slow handshake shows nowhere else
_HIDDEN_WHEN_TRIVIAL = frozenset({"http_req_blocked", "http_req_connecting", "http_req_tls_handshaking"})
_TRIVIAL_MS = 5.0


def summary_lines(document: RunDocument, width: int) -> list[str]:
    """Every line, no wider than `width` where names allow; empty when nothing was asserted or counted."""
    lines = threshold_lines(document.thresholds, document.capacity.slo)
    totals = check_lines(document.checks, _measured_seconds(document)) + metric_lines(
        document.metrics, width - len(_INDENT)
    )
    if totals:
        head = f"  █ TOTAL RESULTS  {view.totals_scope(document)}".rstrip()
        lines += ["", head, "", *(_INDENT + line if line else "" for line in totals)]
    return lines[1:] if lines and not lines[0] else lines


def threshold_lines(thresholds: Iterable[ThresholdResult], objective: str = "") -> list[str]:
    """Return the THRESHOLDS section: by metric, the tagged ones beneath their parent; the objective is named."""
    by_metric: dict[str, list[ThresholdResult]] = {}
    for threshold in sorted(thresholds, key=lambda threshold: threshold.metric):
        by_metric.setdefault(threshold.metric, []).append(threshold)
    lines = ["  █ THRESHOLDS", ""] if by_metric else []
    parent = ""
    for metric, group in by_metric.items():
        name, tags = split_name(metric)
        indent = _INDENT + ("  " if tags else "")
        if name != parent and tags:
            lines += [_INDENT + name]
        lines += [indent + (tags or name)]
        lines += [indent + threshold_text(threshold) + _remark(threshold, objective) for threshold in group] + [""]
        parent = name
    return lines


def _remark(threshold: ThresholdResult, objective: str) -> str:
    is_objective = objective and (threshold.metric, threshold.source) == ("http_req_duration", objective)
    return "  (the objective)" if is_objective else ""


def threshold_text(threshold: ThresholdResult) -> str:
    """One threshold: mark, quoted source, what was measured."""
    aggregation = threshold.source.split("<")[0].split(">")[0].split("=")[0].split("!")[0].strip()
    mark = PASS if threshold.ok else FAIL
    return f"{mark} '{one_line(threshold.source, 60)}' {one_line(aggregation, 20)}={threshold_value(threshold)}"


def threshold_value(threshold: ThresholdResult) -> str:
    """Return what the threshold's aggregation came to, with the unit of its metric."""
    if threshold.value is None:
        return "no samples"
    if threshold.source.strip().startswith("rate") and 0 <= threshold.value <= 1:
        return k6_numbers.percentage(threshold.value)
    is_time = threshold.metric.startswith(("http_req_duration", "http_req_", "iteration_duration", "group_duration"))
    return k6_numbers.of_kind(threshold.value, "time" if is_time else "default")


def _measured_seconds(document: RunDocument) -> float:
    """How long the metrics were counted: a counter divided by its rate."""
    values = document.metrics["http_reqs"].values if "http_reqs" in document.metrics else {}
    return values["count"] / values["rate"] if values.get("count") and values.get("rate") else document.seconds


def check_lines(checks: Iterable[CheckResult], seconds: float) -> list[str]:
    """Totals of all checks, then each check; how often it held when it did not always."""
    results = list(checks)
    passes, fails = sum(check.passes for check in results), sum(check.fails for check in results)
    total = passes + fails
    if not total:
        return []
    rows = [
        ("checks_total", str(total), f"{k6_numbers.number(total / seconds)}/s" if seconds > 0 else ""),
        ("checks_succeeded", k6_numbers.percentage(passes / total), f"{passes} out of {total}"),
        ("checks_failed", k6_numbers.percentage(fails / total), f"{fails} out of {total}"),
    ]
    width = max(len(value) for _, value, _ in rows)
    lines = [f"{name:.<{_NAME_WIDTH}}: {value:<{width}} {rest}".rstrip() for name, value, rest in rows]
    return [*lines, "", *(line for check in results for line in _check(check)), ""]


def _check(check: CheckResult) -> list[str]:
    name = one_line(check.name, 70)
    if not check.fails:
        return [f"{PASS} {name}"]
    held = k6_numbers.percentage(check.passes / (check.passes + check.fails), 0)
    return [f"{FAIL} {name}", f"  ↳  {held} — {PASS} {check.passes} / {FAIL} {check.fails}"]


def metric_lines(metrics: dict[str, Metric], width: int) -> list[str]:
    """Return the metrics by category, each category under its title."""
    shown = {name: metric for name, metric in sorted(metrics.items()) if is_shown(name, metric)}
    rows = {name: metric_cells(metric) for name, metric in shown.items()}
    trends = [row for name, row in rows.items() if shown[name].type == "trend"]
    others = [row for name, row in rows.items() if shown[name].type != "trend"]
    widths = {False: _column_widths(others), True: _column_widths(trends)}
    longest = max((len(display_name(name)) for name in shown), default=0) + 3
    fits = max(longest, _NAME_WIDTH) + 2 + sum(widths[True]) + len(widths[True]) <= width
    name_width = max(longest, _NAME_WIDTH) if fits else longest
    lines: list[str] = []
    for category in _CATEGORIES:
        members = [name for name in shown if _category(name) == category]
        lines += [category] if members else []
        for name in members:
            cells = _padded(rows[name], widths[shown[name].type == "trend"])
            lines += _metric_row(f"{display_name(name):.<{name_width}}: ", cells, width)
        lines += [""] if members else []
    return lines[:-1]


def _metric_row(start: str, cells: list[str], width: int) -> list[str]:
    line = start + " ".join(cells)
    if len(line.rstrip()) <= width or len(cells) < len(TREND_COLUMNS):
        return [line.rstrip()]
    half = len(cells) // 2
    return [(start + " ".join(cells[:half])).rstrip(), (" " * len(start) + " ".join(cells[half:])).rstrip()]


def metric_cells(metric: Metric) -> list[str]:
    """Return the values of a metric as the summary writes them, one string a column."""
    values, kind = metric.values, metric.contains
    if metric.type == "trend":
        return [f"{column}={k6_numbers.of_kind(values[column], kind)}" for column in TREND_COLUMNS if column in values]
    if metric.type == "counter":
        return [k6_numbers.of_kind(values.get("count"), kind), f"{k6_numbers.of_kind(values.get('rate'), kind)}/s"]
    if metric.type == "gauge":
        edges = [f"{edge}={k6_numbers.of_kind(values[edge], kind)}" for edge in ("min", "max") if edge in values]
        return [k6_numbers.of_kind(values.get("value"), kind), *edges]
    matches = values.get("matches", values.get("passes"))
    total = values.get("total", (matches or 0) + values.get("fails", 0))
    counts = [f"{k6_numbers.number(matches)} out of {k6_numbers.number(total)}"] if matches is not None else []
    return [k6_numbers.percentage(values.get("rate")), *counts]


def is_shown(name: str, metric: Metric) -> bool:
    """Whether the compact summary shows a metric."""
    base = split_name(name)[0]
    if base in ("dropped_iterations", "http_req_retried"):
        return metric.values.get("count", 0.0) > 0
    if base in _HIDDEN_WHEN_TRIVIAL:
        return metric.values.get("p(95)", 0.0) >= _TRIVIAL_MS
    return base not in _HIDDEN and base != "checks"


def split_name(name: str) -> tuple[str, str]:
    """Return a metric's name and its tags in braces, empty when it has none."""
    base, brace, tags = name.partition("{")
    return base, brace + tags


def display_name(name: str) -> str:
    """How a metric's name is written in a column: a tagged one beneath its parent."""
    base, tags = split_name(name)
    if not tags:
        return one_line(base, 48)
    return "  " + one_line(f"{{ {tags.removeprefix('{').removesuffix('}')} }}", 46)


def _category(name: str) -> str:
    base = split_name(name)[0]
    if base in _NETWORK:
        return "NETWORK"
    if base in _EXECUTION:
        return "EXECUTION"
    if base.startswith("ws_"):
        return "WEBSOCKET"
    return "HTTP" if base.startswith("http_req") else "CUSTOM"


def _column_widths(rows: list[list[str]]) -> list[int]:
    columns = max((len(row) for row in rows), default=0)
    return [max(len(row[index]) for row in rows if index < len(row)) for index in range(columns)]


def _padded(cells: list[str], widths: list[int]) -> list[str]:
    return [f"{cell:<{widths[index]}}" for index, cell in enumerate(cells)]
