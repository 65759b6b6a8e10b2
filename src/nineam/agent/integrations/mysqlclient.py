"""mysqlclient (MySQLdb): Python above the cursors' C, which is where statements and rows pass."""

from .driver import executing, housekeeping, wrap_existing
from .fetches import FETCHES, fetching

_READS = ("_get_result", "_post_get_result")


def install_cursors(agent, module):
    """Time statements; storing a result and making rows of it is fetching, though `execute` does it."""
    for name in ("execute", "executemany"):
        agent.patcher.wrap(module.BaseCursor, name, executing(agent))
    for name in ("CursorStoreResultMixIn", "CursorUseResultMixIn"):
        wrap_existing(agent, getattr(module, name), (*FETCHES, *_READS), fetching(agent))


def install_connection(agent, module):
    """Time connecting and the ends of transactions."""
    agent.patcher.wrap(module.Connection, "__init__", housekeeping(agent.layer("db_connect")))
    for name in ("commit", "rollback"):
        agent.patcher.wrap(module.Connection, name, housekeeping(agent.layer("db_execute")))
