"""Once more with as much data as production has."""

from nineam.cli.options.option import Theme, option

THEME = Theme(
    "Production data",
    (
        option("--grown", is_flag=True, help="Run it once more on grown clones of its database."),
        option("--rows", default="", metavar="N", help="Rows of the whole clone: 500k, 1M (the usual)."),
        option("--times", type=int, metavar="N", help="So many times the rows of every table."),
        option("--like", default="", metavar="TABLE=N,...", help="Rows by table; what refers to them follows."),
        option("--keep", multiple=True, metavar="TABLE", help="A table that stays as it is."),
        option("--fill", type=int, metavar="N", help="Make up N rows for each empty table."),
        option("--depth", type=float, metavar="SHARE", help="Share of new rows that go to hot parents."),
        option("--database-variable", default="", metavar="NAME", help="The variable that leads it to its database."),
    ),
)
