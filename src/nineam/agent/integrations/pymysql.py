"""PyMySQL: the wait for the first packet of an answer is the database's, reading and decoding rows is `db_fetch`."""

from .driver import executing, housekeeping, wrap_existing
from .fetches import FETCHES, fetching


def install_cursors(agent, module):
    """Time statements and fetching, dictionaries made of rows included."""
    for name in ("execute", "executemany"):
        agent.patcher.wrap(module.Cursor, name, executing(agent))
    for name in ("Cursor", "DictCursorMixin", "SSCursor"):
        if hasattr(module, name):
            wrap_existing(agent, getattr(module, name), (*FETCHES, "_do_get_result"), fetching(agent))


def install_connection(agent, module):
    """Time connecting, the ends of transactions, and reading all rows of a result."""
    connection = module.Connection
    for name in ("__init__", "connect"):  # the constructor reads certificates before it connects
        agent.patcher.wrap(connection, name, housekeeping(agent.layer("db_connect")))
    wrap_existing(agent, connection, ("commit", "rollback"), housekeeping(agent.layer("db_execute")))
    agent.patcher.wrap(module.MySQLResult, "_read_rowdata_packet", fetching(agent))
