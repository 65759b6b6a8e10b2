"""The grown clones of a run: how an application is led to each, and who can tell whether it went there."""

from nineam.grow.address import Address
from nineam.grow.use import Witness
from nineam.model import GrownTable, Record


class CloneSize(Record, frozen=True, kw_only=True):
    """A clone of so many rows, `growing` in the tables that grow, and the variables that lead an application to it."""

    rows: int
    growing: int
    variables: dict[str, str]


class Clones(Record, frozen=True, kw_only=True):
    """Clones of one database, the largest last; `rows` (`growing`: of tables that grow) are the original's.

    `tables` are of the original and of the largest.

    `database` is its kind, `variable` where the application has its address from, `witness` that of the largest, which
    is called `largest` and lies beside the original at `address`.
    """

    database: str
    variable: str
    rows: int
    growing: int
    tables: dict[str, GrownTable]
    sizes: tuple[CloneSize, ...]
    witness: Witness
    address: Address
    largest: str
