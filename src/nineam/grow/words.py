"""Plausible texts for columns by what they are called, from Faker; imported when somebody asks for made-up rows."""

import re
from collections.abc import Callable

from nineam.errors import UsageError

CALLED = (
    ("mail", "safe_email"),
    ("first_?name|given_?name", "first_name"),
    ("last_?name|surname|family_?name", "last_name"),
    ("user_?name|login|nick|handle", "user_name"),
    ("company|organi[sz]ation|employer|vendor|supplier|publisher", "company"),
    ("full_?name|display_?name|author|person|contact|owner|customer", "name"),
    ("file_?name|(^|_)file($|_)|image|photo|avatar|path", "file_name"),
    ("phone|mobile|(^|_)fax", "phone_number"),
    ("country_?code|iso_?3166", "country_code"),
    ("country", "country"),
    ("city|town", "city"),
    ("street|address|line_?[1-4]", "street_address"),
    ("zip|post_?(al_?)?code", "postcode"),
    ("currency", "currency_code"),
    ("lang|locale", "language_code"),
    ("time_?zone|(^|_)tz($|_)", "timezone"),
    ("url|link|href|website|homepage", "url"),
    ("slug", "slug"),
    ("colou?r", "color_name"),
    ("user_?agent", "user_agent"),
    ("(^|_)ip($|_)|ip_?addr|remote_addr", "ipv4"),
    ("mime|content_?type", "mime_type"),
    ("sku|isbn|ean|barcode|upc", "ean13"),
    ("token|secret|password|hash|digest|checksum|signature|nonce|session_key", "sha256"),
    ("job|occupation|profession|position", "job"),
    ("region|province|county", "state"),
    ("name|title|label|caption|subject|heading", "catch_phrase"),
    ("descr|comment|body|text|note|message|content|summary|bio|review|about", "paragraph"),
)
"""The first that a column's name matches decides; whatever is called otherwise gets a word."""
STATES = ("new", "active", "active", "active", "done", "closed")
STATE = re.compile(r"status|(^|_)state($|_)|phase|stage", re.IGNORECASE)
Words = Callable[[str], str]
"""Gives a text for a column of that name."""


def faker_words(seed: int) -> Words:
    """Return a source of texts that is the same for the same seed. Raises UsageError when Faker is not installed."""
    try:
        from faker import Faker
    except ImportError:
        raise UsageError(
            "--fill needs the library Faker, which is not installed", hint="pip install 'nineam[grow]'"
        ) from None
    maker = Faker("en_US")
    maker.seed_instance(seed)
    patterns = tuple((re.compile(called, re.IGNORECASE), getattr(maker, name)) for called, name in CALLED)

    def words(column: str) -> str:
        if STATE.search(column):
            return str(maker.random_element(STATES))
        made = next((make for pattern, make in patterns if pattern.search(column)), maker.word)
        return str(made())

    return words
