"""Strings said once: every layer, endpoint, statement, site and relation is sent as a small number.

A table is bounded: an application that makes up names without end (SQL with literals in it) fills its
table and everything after that counts under `(other)`, so neither side can be made to run out of memory.
"""

from _thread import allocate_lock

from .wire import FIXED_LAYERS, NAME_KINDS

LIMIT = 5000
OTHER = "(other)"
LONGEST = 4000


class Names:
    """Ids by name, per kind; `announce(kind, id, value)` is called once for each new one."""

    def __init__(self, announce):
        self._announce = announce
        self._lock = allocate_lock()
        self._tables = {kind: {} for kind in NAME_KINDS}
        for number, name in enumerate(FIXED_LAYERS):
            self._tables["layer"][name] = number
        for kind in NAME_KINDS[1:]:
            self._tables[kind][""] = 0

    def get(self, kind, value):
        """Return the id of `value`; equal values have equal ids for the life of the process."""
        found = self._tables[kind].get(value)
        return self._add(kind, value) if found is None else found

    def _add(self, kind, value):
        value = value[:LONGEST].encode("utf-8", "replace").decode() if len(value) > LONGEST else value
        with self._lock:
            table = self._tables[kind]
            if value in table:
                return table[value]
            if len(table) >= LIMIT:
                if OTHER in table:
                    return table[OTHER]
                value = OTHER
            number = table.setdefault(value, len(table))
        self._announce(kind, number, value)
        return number

    def after_fork(self):
        """Take a lock of our own: the parent's may have been held by a thread that is not here."""
        self._lock = allocate_lock()

    def name_of(self, kind, number):
        """Return the string of an id; empty when there is none."""
        return next((value for value, known in list(self._tables[kind].items()) if known == number), "")

    def everything(self):
        """Return all definitions so far, for a controller that has just been reached."""
        with self._lock:
            return [(kind, number, value) for kind in NAME_KINDS for value, number in self._tables[kind].items()]
