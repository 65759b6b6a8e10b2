"""Which table a column of a statement belongs to. Pure."""

from sqlglot import exp

from nineam.indexes.schema import Schema, Table
from nineam.model.indexes import IndexPart

SCOPES = (exp.Select, exp.Update, exp.Delete)
"""What names tables that its columns belong to."""
ZONE = "UTC"
"""What is taken for a time zone, which the run does not keep."""


class Naming:
    """The uses of tables in a statement, by number, and the columns that belong to each."""

    def __init__(self, tree: exp.Expr, schema: Schema, dialect: str) -> None:
        self.tree = tree
        self.dialect = dialect
        self.uses: list[Table] = []
        self._scopes: list[exp.Expr] = []
        self._names: dict[tuple[int, str], int] = {}
        hidden = {each.alias for each in tree.find_all(exp.CTE)}
        for each in tree.find_all(exp.Table):
            table = schema.table(each.name, each.db) if each.name not in hidden else None
            scope = each.find_ancestor(*SCOPES)
            if table is not None and scope is not None and each.arg_key != "tables":
                self._names[id(scope), each.alias_or_name.lower()] = len(self.uses)
                self.uses.append(table)
                self._scopes.append(scope)

    def scope(self, use: int) -> exp.Expr:
        """Return the SELECT, UPDATE or DELETE in which a table is used."""
        return self._scopes[use]

    def find(self, column: exp.Column) -> tuple[int, str] | None:
        """Return the use that a column belongs to, and its name; None when that is no table's."""
        quoted = bool(column.this.args.get("quoted")) and self.dialect == "postgres"
        scope = column.find_ancestor(*SCOPES)
        while scope is not None:
            for use in self._within(scope, column.table):
                name = self.uses[use].column(column.name, quoted=quoted)
                if name:
                    return use, name
            scope = scope.find_ancestor(*SCOPES)
        return None

    def _within(self, scope: exp.Expr, table: str) -> list[int]:
        if table:
            known = self._names.get((id(scope), table.lower()))
            return [] if known is None else [known]
        return [use for (own, _), use in self._names.items() if own == id(scope)]


def columns_of(expression: exp.Expr, naming: Naming, use: int) -> tuple[str, ...]:
    """Return the columns of an expression when all of them are of one use; else none."""
    found = [naming.find(each) for each in expression.find_all(exp.Column)]
    own = [each[1] for each in found if each is not None and each[0] == use]
    return tuple(dict.fromkeys(own)) if own and len(own) == len(found) else ()


def own_part(expression: exp.Expr, naming: Naming, use: int) -> IndexPart | None:
    """Return an expression over one use's columns as part of an index; None when it is something else."""
    bare = expression.unnest()
    if not columns_of(bare, naming, use) or bare.find(exp.Placeholder, exp.Query, exp.AggFunc, exp.Window):
        return None
    if isinstance(bare, exp.Column):
        found = naming.find(bare)
        return IndexPart(text=found[1]) if found else None
    return IndexPart(text=expression_text(bare, naming), plain=False)


def expression_text(expression: exp.Expr, naming: Naming) -> str:
    """Spell an expression without the names of its table; holes in it are time zones."""
    copy = expression.copy()
    for each in copy.find_all(exp.Column):
        for part in ("table", "db", "catalog"):
            each.set(part, None)
        each.this.set("quoted", True)
    for hole in list(copy.find_all(exp.Placeholder)):
        hole.replace(exp.Literal.string(ZONE))
    return copy.sql(dialect=naming.dialect)
