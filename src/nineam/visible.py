"""Text from elsewhere, made harmless to look at: what could command a terminal or turn text around is spelt out."""

import unicodedata

_KEPT = frozenset("\n\t")
# Cc control, Cf format (bidirectional marks, zero width), Cs surrogates, Co private, Cn unassigned
_HARMFUL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def visible(text: str) -> str:
    """`text` with every control, bidirectional, surrogate and unassigned character written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_character(character) for character in text.replace("\r\n", "\n"))


def _visible_character(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HARMFUL_CATEGORIES:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
