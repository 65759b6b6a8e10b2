"""What all records have in common."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all records: immutable, encodable as JSON. Subclasses repeat both options."""
