"""What inspection learns about an application before it is started."""

import msgspec

from nineam.model import Record


class Route(Record, frozen=True):
    """One route. `path` has `{name}` parameters; `native` is the framework's spelling (`/users/<int:id>`).

    `parameters` maps each parameter to str, int, float, uuid, slug or path. HEAD and OPTIONS are left out.
    """

    methods: tuple[str, ...]
    path: str
    native: str = ""
    name: str = ""
    parameters: dict[str, str] = msgspec.field(default_factory=dict)


class Target(Record, frozen=True):
    """A target as the user wrote it, taken apart.

    `call` is the text of a factory's call (`create_app("test")`) or empty. `cwd` is where the application
    starts, `search_path` the directory its modules are imported from. A Django project has `manage_file`
    (absolute) and `settings` (a module) and may have no `module`.
    """

    text: str
    cwd: str
    search_path: str
    module: str = ""
    attribute: str = ""
    call: str = ""
    manage_file: str = ""
    settings: str = ""


class AppFacts(Record, frozen=True):
    """The application as its own interpreter sees it.

    `kind` is asgi or wsgi; `framework` is fastapi, starlette, flask, django, quart, litestar or unknown.
    `call` is set for a factory. `servers` maps installed servers to versions. `openapi_path`, `health_path`
    and `database` (postgresql, mysql, sqlite, ...) are guesses, empty when there is nothing to go by.
    `debug` is whether it was imported in its debug mode.
    `server_config` names configuration files that servers read by themselves in `cwd`.
    A Django project without an entry module has an empty `module`; only its runserver can serve it.
    """

    target: Target
    interpreter: str
    python: str
    kind: str
    framework: str
    module: str
    attribute: str
    call: str = ""
    factory: bool = False
    framework_version: str = ""
    servers: dict[str, str] = msgspec.field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    openapi_path: str = ""
    database: str = ""
    health_path: str = ""
    debug: bool = False
    server_config: tuple[str, ...] = ()

    @property
    def spelled(self) -> str:
        """The target the way servers take it: `module:attribute`."""
        return f"{self.module}:{self.attribute}"
