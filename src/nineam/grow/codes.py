"""Codes: texts that are all equally long and of one alphabet, in which a copy's number can only replace characters."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from nineam.grow.schema import Code, Column, Facts

Ask = Callable[[str], Sequence[Sequence[Any]]]
SAMPLE = 1000
"""Values whose alphabet is looked at; that they differ is asked of all."""
ALPHABETS = (
    ("[0-9]+|[0-9a-f]+|[0-9A-F]+", ""),
    ("[A-Z2-7]+", "A"),
    ("[a-z2-7]+|[A-Za-z]+", "a"),
    ("[0-9A-Za-z_-]+", ""),
)
"""What all values are made of, and which letter stands for 0 where not every digit belongs to it; Base32 is one.

UUIDs are no codes: their dashes have a place.
"""
DASHED = re.compile(r"\w{8}-\w{4}-\w{4}-\w{4}-\w{12}")
SHAPES = ((3, 6), (2, 4))
"""Characters of the tag and of the number; the tag is one digit repeated."""
TAGS = "0952"
SPARE = 10
"""Characters from which on a text has room for a tag and a number after it."""


class Place(NamedTuple):
    """Where tag and number could go: at the first character `start`; `kept` is what stays, in SQL."""

    start: int
    tag: int
    digits: int
    kept: str


def with_code(facts: Facts | None, column: Column, ask: Ask, text: str, source: str) -> Facts | None:
    """Add to a full column's facts how its codes can be written over, where they are codes.

    `text` is the column as a text and `source` where its values are, both as SQL.
    """
    if facts is None or column.longest is None or facts.longest + SPARE <= column.longest:
        return facts
    values = [row[0] for row in ask(f"SELECT {text} FROM {source} WHERE {text} <> '' LIMIT {SAMPLE}")]
    letters = letters_of(values)
    if letters is None:
        return facts
    code = next(_free(ask, text, source, len(values[0]), letters), None)
    return replace(facts, code=code) if code else facts


def letters_of(values: Sequence[Any]) -> str | None:
    """Return the letter that stands for 0 in such codes, an empty string for digits; None when they are no codes."""
    if len({len(value) if isinstance(value, str) else None for value in values}) != 1:
        return None
    if all(DASHED.fullmatch(each) for each in values):
        return None
    return next((letters for known, letters in ALPHABETS if all(re.fullmatch(known, each) for each in values)), None)


def _free(ask: Ask, text: str, source: str, width: int, letters: str) -> Iterator[Code]:
    """Give the places where a number leaves originals apart, with a tag that none of them has there."""
    for place in _places(text, width):
        tags = [_lettered(digit * place.tag, letters) for digit in TAGS]
        there = f"substr({text}, {place.start}, {place.tag})"
        used = ", ".join(f"max(CASE WHEN {there} = '{tag}' THEN 1 ELSE 0 END)" for tag in tags)
        different, kept, short, long, *marks = ask(
            f"SELECT count(DISTINCT {text}), count(DISTINCT {place.kept}), min(length({text})), max(length({text})), "
            f"{used} FROM {source} WHERE {text} IS NOT NULL"
        )[0]
        free = next((tag for tag, mark in zip(tags, marks, strict=True) if not mark), "")
        if different == kept and short == long == width and free:
            yield Code(start=place.start, tag=free, digits=place.digits, letters=letters)


def _places(text: str, width: int) -> Iterator[Place]:
    """Give the end and the beginning of codes of that width, as far as something is left of them."""
    for tag, digits in SHAPES:
        left = width - tag - digits
        if left > 0:
            yield Place(left + 1, tag, digits, f"substr({text}, 1, {left})")
            yield Place(1, tag, digits, f"substr({text}, {width - left + 1})")


def _lettered(digits: str, letters: str) -> str:
    return "".join(chr(ord(letters) + int(each)) for each in digits) if letters else digits


def overwritten(code: Code, value: str, number: str) -> tuple[str, str, str, str]:
    """Return the parts of a copy's code, to be put together: SQL that is the same everywhere.

    `number` is the expression of the copy's, with all its digits.
    """
    for digit in range(10) if code.letters else ():
        number = f"replace({number}, '{digit}', '{_lettered(str(digit), code.letters)}')"
    after = code.start + len(code.tag) + code.digits
    return f"substr({value}, 1, {code.start - 1})", f"'{code.tag}'", number, f"substr({value}, {after})"
