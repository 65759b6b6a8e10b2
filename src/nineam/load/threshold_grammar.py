"""The grammar of thresholds: from text to `Threshold`, and a caret under whatever is wrong."""

import math
import operator
import re
from collections.abc import Callable, Collection
from typing import NamedTuple, NoReturn

from nineam.errors import UsageError, nearest, pointer
from nineam.load import metrics as measured

DEFAULT_METRIC = "http_req_duration"
TAGS: dict[str, tuple[str, ...]] = {
    "http_req_duration": ("name", "scenario", "group"),
    "http_req_failed": ("name", "scenario", "group"),
    "http_reqs": ("name",),
    "iteration_duration": ("scenario",),
    "group_duration": ("group",),
}
"""By which tags a metric is kept apart, besides the journeys' own: those of requests and of their own metrics."""
ANY = "*"
"""Among the journeys' own tags: there may be others, which nobody can know in advance."""
AGGREGATIONS: dict[str, tuple[str, ...]] = {
    "counter": ("count", "rate"),
    "gauge": ("value",),
    "rate": ("rate",),
    "trend": ("avg", "min", "med", "max", "p(N)"),
}
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "===": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
WORD = re.compile(r"[^\W\d]\w*")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
AGGREGATION = re.compile(r"(\w*)\s*(?:\(|[<>=!])")
MORE_TAGS = re.compile(r",\s*[^\W\d]\w*\s*:")
SPACE = re.compile(r"\s*")
EXAMPLE = "For example: http_req_duration p(95)<500"


class Threshold(NamedTuple):
    """One condition on a metric of a kind (`counter`, `gauge`, `rate`, `trend`).

    `tag` and `of` are empty for all samples, else the tag's key and value; `percent` is set for `p(N)` only.
    """

    metric: str
    kind: str
    tag: str
    of: str
    aggregation: str
    percent: float | None
    comparison: str
    limit: float
    source: str

    @property
    def label(self) -> str:
        """The metric as it was written, with its tag."""
        return f"{self.metric}{{{self.tag}:{self.of}}}" if self.tag else self.metric


class Scanner:
    """Reads thresholds from left to right; every complaint points at where it stands."""

    def __init__(self, text: str, custom: Collection[str], tags: Collection[str]) -> None:
        self._text = text
        self._at = 0
        self._custom = custom
        self._tags = tags
        self._metrics = (*measured.BUILT_IN, *custom)

    def threshold(self, metric: str, tag: str, of: str) -> Threshold:
        """Read one threshold; `metric`, `tag` and `of` stand in when it names none."""
        self._skip()
        if not self._text[self._at :].strip():
            self._fail("a threshold is missing here", hint=EXAMPLE)
        if not self._at_aggregation():
            metric = self._metric()
            tag, of = self._tag(metric) if self.take("{") else ("", "")
        self._skip()
        began = self._at
        aggregation, percent = self._aggregation(metric)
        comparison, limit = self._comparison(), self._number()
        source = self._text[began : self._at]
        return Threshold(metric, self._kind(metric), tag, of, aggregation, percent, comparison, limit, source)

    def take(self, literal: str) -> bool:
        """Step over a literal if it stands here, after blanks."""
        self._skip()
        if not self._text.startswith(literal, self._at):
            return False
        self._at += len(literal)
        return True

    def expect_end(self) -> None:
        """Complain about anything left."""
        self._skip()
        if self._at < len(self._text):
            rest = self._text[self._at :]
            hint = "Numbers have no unit; durations are milliseconds." if rest[0].isalpha() else EXAMPLE
            self._fail(f"did not expect '{rest}'", length=len(rest), hint=hint)

    def _at_aggregation(self) -> bool:
        """Whether an aggregation stands here rather than a metric: something that is compared at once."""
        match = AGGREGATION.match(self._text, self._at)
        return match is not None and match.group(1) not in self._metrics

    def _metric(self) -> str:
        word = self._word()
        if word in self._metrics:
            return word
        self._at -= len(word)
        close = nearest(word, self._metrics)
        hint = f"Did you mean {close}?" if close else f"Metrics: {', '.join(self._metrics)}."
        return self._fail(f"'{word}' is no metric" if word else "expected a metric", length=len(word), hint=hint)

    def _tag(self, metric: str) -> tuple[str, str]:
        """Read `key:value}`; the value may have braces of its own, as route templates do."""
        self._skip()
        began, key = self._at, self._word()
        possible = self._possible(metric)
        if key not in possible and ANY not in possible:
            known = ", ".join(possible)
            hint = f"{metric} is kept by {known}." if known else f"{metric} is kept as a whole, without tags."
            message = f"{metric} has no tag '{key}'" if key else "expected a tag"
            self._fail(message, at=began, length=len(key) or 1, hint=hint)
        if not self.take(":"):
            self._fail("expected ':' and the tag's value", hint="For example: http_req_duration{name:GET /api/orders}.")
        value = self._braced(began)
        if more := MORE_TAGS.search(value):
            at = self._at - 1 - len(value) + more.start()
            self._fail("only one tag can be given", at=at, hint="Metrics are not kept by combinations of tags.")
        return key, value

    def _possible(self, metric: str) -> tuple[str, ...]:
        own = metric in (DEFAULT_METRIC, "http_req_failed") or metric in self._custom
        return (*TAGS.get(metric, ()), *(sorted(self._tags) if own else ()))

    def _braced(self, opened: int) -> str:
        began, depth = self._at, 1
        while self._at < len(self._text):
            depth += {"{": 1, "}": -1}.get(self._text[self._at], 0)
            self._at += 1
            if depth == 0:
                return self._text[began : self._at - 1].strip()
        return self._fail("the '{' is never closed", at=opened - 1)

    def _kind(self, metric: str) -> str:
        return measured.kind_of(metric, self._custom).type

    def _aggregation(self, metric: str) -> tuple[str, float | None]:
        began = self._at
        word = self._word()
        kind = self._kind(metric)
        allowed = AGGREGATIONS[kind]
        if word == "p" and "p(N)" in allowed:
            percent = self._percent()
            return f"p({percent:g})", percent
        if word in allowed:
            return word, None
        self._at = began
        hint = f"{metric} is a {kind}: {', '.join(allowed)}."
        message = f"{metric} has no '{word}'" if word else "expected an aggregation"
        return self._fail(message, length=len(word), hint=hint)

    def _percent(self) -> float:
        if not self.take("("):
            self._fail("expected '(' and a percentile", hint="For example: p(95)<500")
        began = self._at
        percent = self._number()
        if not 0 <= percent <= 100:
            self._fail("a percentile is between 0 and 100", at=began, length=self._at - began)
        if not self.take(")"):
            self._fail("expected ')'")
        return percent

    def _comparison(self) -> str:
        for symbol in OPERATORS:
            if self.take(symbol):
                return symbol
        return self._fail("expected a comparison", hint=f"One of {' '.join(OPERATORS)}.")

    def _number(self) -> float:
        self._skip()
        match = NUMBER.match(self._text, self._at)
        if match is None:
            return self._fail("expected a number", hint="Durations are milliseconds, rates are between 0 and 1.")
        number = float(match.group())
        if not math.isfinite(number):
            self._fail("that number is too large to be compared with", length=len(match.group()))
        self._at = match.end()
        return number

    def _word(self) -> str:
        match = WORD.match(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match.group()

    def _skip(self) -> None:
        match = SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _fail(self, message: str, *, at: int | None = None, length: int = 1, hint: str = "") -> NoReturn:
        column = self._at if at is None else at
        raise UsageError(f"threshold: {message}", details=pointer(self._text, column, length), hint=hint)
