"""A database that Django's own migrations made grows a hundred times; nobody here wrote that schema."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("django")

MAKE = """
import os, sys
import django
from django.conf import settings
engine, name = sys.argv[1:3]
database = {"ENGINE": f"django.db.backends.{engine}", "NAME": name}
if engine == "postgresql":
    database |= {"HOST": "127.0.0.1", "PORT": sys.argv[3], "USER": sys.argv[4], "PASSWORD": sys.argv[5]}
apps = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.admin"]
settings.configure(DATABASES={"default": database}, INSTALLED_APPS=apps, USE_TZ=True, SECRET_KEY="none")
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
groups = [Group.objects.create(name=f"group {n}") for n in range(6)]
users = [User.objects.create(username=f"user{n}", email=f"u{n}@site.example" if n % 3 else "") for n in range(40)]
for n, user in enumerate(users):
    user.groups.add(*groups[: n % 4])
    user.user_permissions.add(*Permission.objects.all()[: n % 3])
    LogEntry.objects.create(
        user=user, content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk), action_flag=1
    )
    store = SessionStore()
    store["user"] = n
    store.create()
"""


def make(engine, name, *more):
    done = subprocess.run(
        [sys.executable, "-c", MAKE, engine, name, *more], env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def check(big, ask):
    grown_names = {name for name, table in big.plan.tables.items() if table.factor == 100}
    assert {"auth_user", "auth_user_groups", "auth_user_user_permissions", "django_session"} <= grown_names
    assert "django_admin_log" in grown_names
    kept = {"django_content_type", "django_migrations", "auth_permission"}
    assert kept <= {name for name, table in big.plan.tables.items() if table.factor == 1}
    assert ask("SELECT count(*), count(DISTINCT username) FROM auth_user", big) == [(4000, 4000)]
    lost = "SELECT count(*) FROM auth_user_groups g LEFT JOIN auth_user u ON u.id = g.user_id WHERE u.id IS NULL"
    assert ask(lost, big) == [(0,)]


def test_on_sqlite(sqlite_file, grown, tmp_path):
    make("sqlite3", str(sqlite_file.path))
    big = grown(sqlite_file.address, tmp_path / "out", times=100)
    assert sqlite_file.ask("PRAGMA foreign_key_check", big) == []
    assert sqlite_file.ask("PRAGMA integrity_check", big) == [("ok",)]
    check(big, sqlite_file.ask)


@pytest.mark.postgres
def test_on_postgresql(postgres_database, grown, tmp_path):
    from psycopg.conninfo import conninfo_to_dict

    server = conninfo_to_dict(postgres_database.address)
    make("postgresql", postgres_database.name, str(server["port"]), server["user"], server.get("password") or "")
    big = grown(postgres_database.address, tmp_path / "out", times=100)
    check(big, postgres_database.ask)
    assert postgres_database.ask("SELECT count(*) FROM pg_constraint WHERE NOT convalidated", big) == [(0,)]
