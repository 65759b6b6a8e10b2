"""One file per library. Each has functions `install(agent, module)`, called right after the import of `module`.

An installer replaces through `agent.patcher` only, imports nothing, and raises when the library is not what
it expects: the library then goes without hooks, and the report says so.
"""

INSTALLERS = {  # imported module: our file and function, imported in their turn only then
    "gc": ("garbage", "install"),
    "anyio._backends._asyncio": ("anyio", "install"),
    "starlette.applications": ("starlette", "install_application"),
    "starlette.routing": ("starlette", "install_routing"),
    "starlette.responses": ("starlette", "install_responses"),
    "fastapi.applications": ("fastapi", "install_application"),
    "fastapi.encoders": ("fastapi", "install_encoder"),
    "fastapi.routing": ("fastapi", "install_routing"),
    "flask.app": ("flask", "install"),
    "flask.json.provider": ("flask", "install_json"),
    "jinja2.environment": ("jinja2", "install"),
    "json": ("json", "install"),
    "pydantic.main": ("pydantic", "install"),
    "pydantic.type_adapter": ("pydantic", "install_adapter"),
    "sqlalchemy.engine.create": ("sqlalchemy", "install_create"),
    "sqlalchemy.engine.default": ("sqlalchemy", "install_execute"),
    "sqlalchemy.engine.cursor": ("sqlalchemy", "install_fetch"),
    "sqlalchemy.orm.loading": ("sqlalchemy", "install_hydration"),
    "sqlalchemy.orm.session": ("sqlalchemy", "install_session"),
    "sqlalchemy.orm.strategies": ("sqlalchemy", "install_lazy"),
    "sqlalchemy.pool.impl": ("sqlalchemy", "install_pool"),
    "sqlite3.dbapi2": ("sqlite3", "install"),
    "psycopg.cursor": ("psycopg", "install"),
    "psycopg.cursor_async": ("psycopg", "install_async"),
}
