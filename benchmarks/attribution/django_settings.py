"""The settings of both Django applications; importing this makes Django ready."""

import os
from pathlib import Path
from typing import Any

from benchmarks.attribution import databases, plan

DATA = os.environ.get("ATTRIBUTION_DATA", "django")
DATABASE = os.environ.get("ATTRIBUTION_DATABASE", "sqlite")


def database() -> dict[str, Any]:
    """Give Django's description of the database; its MySQL backend takes PyMySQL for mysqlclient."""
    if DATABASE == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": databases.sqlite_path()}
    where = databases.parameters(DATABASE)
    if DATABASE == "mariadb":
        _pretend()
    kind = {"postgres": "postgresql", "mariadb": "mysql"}[DATABASE]
    pool = {"min_size": plan.CONNECTIONS, "max_size": plan.CONNECTIONS, "timeout": 60}
    return {
        "ENGINE": f"django.db.backends.{kind}", "NAME": where["database"], "HOST": where["host"], "PORT": where["port"],
        "USER": where["user"], "PASSWORD": where.get("password", ""),
        "OPTIONS": {"pool": pool} if DATABASE == "postgres" else {},
    }  # fmt: skip


def _pretend() -> None:
    import pymysql  # noqa: PLC0415 - only MariaDB needs it

    pymysql.version_info = (2, 2, 8, "final", 0)
    pymysql.install_as_MySQLdb()


def configure(urls: str, *middlewares: str) -> None:
    """Make Django ready for an application; call it before its models are imported."""
    import django  # noqa: PLC0415 - whoever asks for settings alone needs none
    from django.conf import settings  # noqa: PLC0415 - likewise

    settings.configure(
        SECRET_KEY="not a secret",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=urls,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
        MIDDLEWARE=[f"benchmarks.attribution.django_middleware.{name}" for name in middlewares],
        DATABASES={"default": database()} if DATA == "django" else {},
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [Path(__file__).parent / "templates"],
            }
        ],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
        LOGGING_CONFIG=None,
        USE_TZ=True,
    )
    django.setup()
