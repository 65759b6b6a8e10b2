"""Which statements may be repeated in a clone: those that read, and those whose writing can be taken back. Pure."""

from sqlglot import exp

from nineam.indexes.naming import Naming
from nineam.indexes.query import Unreadable

WRITING = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def may_be_written(tree: exp.Expr) -> bool:
    """Say whether a statement writes. Raises Unreadable for one that does more than change the rows it looks for."""
    writing = list(tree.find_all(*WRITING))
    if not writing:
        return False
    if writing != [tree] or isinstance(tree, exp.Insert):
        raise Unreadable("it adds rows, or writes in the middle of reading; it is not repeated")
    if tree.args.get("where") is None and not list(tree.find_all(exp.Join)):
        raise Unreadable("it writes to every row, which no index spares it")
    return True


def may_be_repeated(tree: exp.Expr, naming: Naming, kind: str, *, writes: bool) -> None:
    """Raise Unreadable for a statement that would leave the clone, or whose writing would stay in it."""
    named = next((each for each in tree.find_all(exp.Table) if each.db), None)
    if kind == "mysql" and named is not None:
        raise Unreadable(f"it names its database ({named.db}), so in a clone it would still go to the original")
    lasting = next((table for table in naming.uses if not table.transactional), None)
    if writes and lasting is not None:
        raise Unreadable(f"it writes, and what is written to {lasting.name} cannot be taken back")
