"""Where a Django project's settings say its database is, and what leads it to a clone."""

import json
import os
import subprocess
import sys

import pytest

from nineam.app.django_database import address_of, ask_django, settings_of

SETTINGS = """
print("starting up")
SECRET_KEY = "x"
HERE = {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "USER": "me", "PASSWORD": "p@ss"}
DATABASES = {"default": {**HERE, "HOST": "127.0.0.1"}, "replica": {**HERE, "HOST": "127.0.0.1"}, "old": HERE}
"""
SHOWN = "from django.conf import settings as s; import json; print(json.dumps([s.DATABASES, s.SECRET_KEY]))"


def database(engine, name, **others):
    return {"ENGINE": engine, "NAME": name, "HOST": "", "PORT": "", "USER": "", "PASSWORD": "", **others}


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (database("django.db.backends.sqlite3", "/srv/db.sqlite3"), "/srv/db.sqlite3"),
        (database("django.db.backends.sqlite3", ":memory:"), ""),
        (database("django.db.backends.oracle", "shop"), ""),
        (database("django.contrib.gis.db.backends.postgis", "shop"), "postgresql:///shop"),
        (
            database("django.db.backends.postgresql", "a b", HOST="localhost", PORT="5433", USER="me", PASSWORD="p@/"),
            "postgresql://me:p%40%2F@localhost:5433/a%20b",
        ),
        (database("django.db.backends.postgresql", "shop", HOST="/tmp"), "postgresql:///shop?host=%2Ftmp"),
        (database("django.db.backends.mysql", "shop", HOST="::1", USER="me"), "mysql://me@[::1]/shop"),
    ],
)
def test_the_settings_are_spelt_as_an_address(given, address):
    assert address_of(given) == address


def test_settings_are_named_by_the_environment_or_by_manage_py(tmp_path):
    assert settings_of({}, tmp_path) == ""
    (tmp_path / "manage.py").write_text("os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n")
    assert settings_of({}, tmp_path) == "shop.settings"
    assert settings_of({"DJANGO_SETTINGS_MODULE": "shop.local"}, tmp_path) == "shop.local"


def test_every_alias_of_the_same_database_leads_to_the_clone_and_all_else_stays(tmp_path):
    (tmp_path / "own_settings.py").write_text(SETTINGS)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "own_settings"}
    found = ask_django(sys.executable, environment, tmp_path)
    assert found is not None
    assert found.address == "postgresql://me:p%40ss@127.0.0.1/shop"
    led = environment | found.towards("shop_run", {"PYTHONPATH": str(tmp_path)})
    said = subprocess.run([sys.executable, "-c", SHOWN], env=led, capture_output=True, text=True, check=True).stdout
    databases, secret = json.loads(said.splitlines()[-1])
    assert {alias: each["NAME"] for alias, each in databases.items()} == {
        "default": "shop_run",
        "replica": "shop_run",
        "old": "shop",
    }
    assert databases["default"]["PASSWORD"] == "p@ss"
    assert secret == "x"


def test_settings_that_cannot_be_read_name_nothing(tmp_path):
    (tmp_path / "broken_settings.py").write_text("1 / 0\n")
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "broken_settings"}
    assert ask_django(sys.executable, environment, tmp_path) is None
    assert ask_django(str(tmp_path / "no-python"), environment, tmp_path) is None
