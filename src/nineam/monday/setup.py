"""What a session needs to know before it starts."""

from nineam.model import Record
from nineam.monday.clones import Clones
from nineam.monday.plan import RunPlan
from nineam.traffic.discover import Candidate


class Setup(Record, frozen=True, kw_only=True):
    """What to run, how, and against what. Without `command`, `url` is somebody else's running application.

    `openapi_path` is where the application may have a document, `openapi_address` one that the user named, whose
    operations with one of the `methods` are sent. `processes` is how many load processes there are; 0: as needed.
    `database` is the URL of one whose sessions are watched, `database_kind` what the application is known to use.
    `clones` are grown clones of its database, on which it is run again; None without.
    """

    plan: RunPlan
    command: tuple[str, ...] = ()
    cwd: str = "."
    environment: dict[str, str] = {}
    url: str = ""
    ready_timeout_s: float = 30.0
    agent: bool = True
    roots: str = "."
    candidates: tuple[Candidate, ...] = ()
    openapi_path: str = ""
    openapi_address: str = ""
    methods: frozenset[str] = frozenset({"get"})
    health_path: str = ""
    notices: tuple[str, ...] = ()
    processes: int = 0
    log_file: str = ""
    database: str = ""
    database_kind: str = ""
    clones: Clones | None = None
