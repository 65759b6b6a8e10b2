"""The line to add to a model: found by reading the application's files, never by importing them."""

import ast
import subprocess
import sys

import pytest

from nineam.indexes.models import in_models
from nineam.model.indexes import IndexPart, IndexProof, IndexReport

SQLALCHEMY = """
raise SystemExit("nobody may import this")

class Base(DeclarativeBase): ...

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)

class Listed(Base):
    __tablename__ = "listed"
    __table_args__ = (UniqueConstraint("a"),)

class Dated(SQLModel, table=True):
    id: int

class OrderItem(Mixin, db.Model):
    id: so.Mapped[int] = so.mapped_column(primary_key=True)

class HTTPCall(db.Model):
    id = db.Column(db.Integer, primary_key=True)

class Shared(db.Model):
    __abstract__ = True
    id = db.Column(db.Integer, primary_key=True)

class Plain(db.Model):
    name = "no column"

archive = Table("archive", metadata, Column("id", Integer))
"""
DJANGO = """
from django.db import models

class Common(models.Model):
    created_at = models.DateTimeField()
    class Meta:
        abstract = True

class Invoice(Common):
    customer = models.ForeignKey("crm.Customer", on_delete=models.CASCADE)
    state = models.CharField(max_length=9, db_column="st")

class Named(models.Model):
    state = models.CharField(max_length=9)
    class Meta:
        db_table = "old_name"
        indexes = [models.Index(fields=["state"])]
"""


@pytest.fixture
def project(tmp_path):
    """Return a folder with SQLAlchemy's and Django's models, and files that must not be read."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "tables.py").write_text(SQLALCHEMY)
    (tmp_path / "billing" / "models").mkdir(parents=True)
    (tmp_path / "billing" / "models" / "invoices.py").write_text(DJANGO)
    (tmp_path / "env" / "lib").mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    (tmp_path / "env" / "lib" / "a.py").write_text('class Hidden(Base):\n    __tablename__ = "hidden"\n')
    (tmp_path / "broken.py").write_text("class (")
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\x00")
    return tmp_path


def told(project, table, *parts):
    given = tuple(part if isinstance(part, IndexPart) else IndexPart(text=part) for part in parts)
    proof = IndexProof(
        code="missing-index", table=table, rows=1, name="ix_own", parts=given, ddl="", statements=(), build_s=0, bytes=0
    )
    (found,) = in_models(IndexReport(kind="sqlite", clone="", proofs=(proof,)), project, project).proofs
    return found.model, found.model_at


LATEST = IndexPart(text="created_at", descending=True)
LOWER = IndexPart(text='LOWER("name")', plain=False)


@pytest.mark.parametrize(
    ("table", "parts", "line", "place"),
    [
        ("orders", ("status",), '__table_args__ = (Index("ix_own", "status"),)', "shop/tables.py:6 (Order)"),
        (
            "orders",
            ("status", LATEST),
            """__table_args__ = (Index("ix_own", "status", text('created_at DESC')),)""",
            "shop/tables.py:6 (Order)",
        ),
        ("listed", ("a",), 'add Index("ix_own", "a") to __table_args__', "shop/tables.py:10 (Listed)"),
        ("dated", ("a",), '__table_args__ = (Index("ix_own", "a"),)', "shop/tables.py:14 (Dated)"),
        ("archive", ("a",), 'add Index("ix_own", "a") to Table(...)', "shop/tables.py:30 (archive)"),
        ("order_item", ("a",), '__table_args__ = (Index("ix_own", "a"),)', "shop/tables.py:17 (OrderItem)"),
        ("http_call", ("a",), '__table_args__ = (Index("ix_own", "a"),)', "shop/tables.py:20 (HTTPCall)"),
        (
            "billing_invoice",
            ("customer_id", "st", LATEST),
            "add to class Meta: indexes = [models.Index(fields=['customer', 'state', '-created_at'], name='ix_own')]",
            "billing/models/invoices.py:9 (Invoice)",
        ),
        (
            "old_name",
            (LOWER,),
            """add models.Index(Lower("name"), name='ix_own') to Meta.indexes""",
            "billing/models/invoices.py:13 (Named)",
        ),
    ],
)
def test_the_line_for_a_model_and_where_it_goes(project, table, parts, line, place):
    assert told(project, table, *parts) == (line, place)
    assert ast.parse(line.removeprefix("add to class Meta: ").removeprefix("add ").partition(" to ")[0])


@pytest.mark.parametrize("table", ["hidden", "common", "billing_common", "nowhere", "shared", "plain"])
def test_what_is_no_model_of_the_application_is_not_told(project, table):
    assert told(project, table, "a") == ("", "")


def test_the_lines_are_what_the_frameworks_take(project):
    sqlalchemy = pytest.importorskip("sqlalchemy")
    names = {"Index": sqlalchemy.Index, "text": sqlalchemy.text}
    line, _ = told(project, "orders", "status", LATEST, LOWER)
    scope: dict[str, object] = {}
    exec(line, names, scope)
    metadata = sqlalchemy.MetaData()
    columns = [sqlalchemy.Column(each, sqlalchemy.String) for each in ("status", "created_at", "name")]
    table = sqlalchemy.Table("orders", metadata, *columns, *scope["__table_args__"])
    (index,) = table.indexes
    written = str(sqlalchemy.schema.CreateIndex(index))
    assert written == 'CREATE INDEX ix_own ON orders (status, created_at DESC, LOWER("name"))'


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (LATEST, '("state", "created_at" DESC)'),
        (LOWER, '("state", (LOWER("name")))'),
        (IndexPart(text='SUBSTR("name", 1)', plain=False), '("state", ((SUBSTR("name", 1))))'),
        (IndexPart(text="created_at", descending=True, nulls="last"), '("state", "created_at" DESC NULLS LAST)'),
    ],
)
def test_the_lines_for_django_are_what_django_takes(tmp_path, part, expected):
    pytest.importorskip("django")
    (tmp_path / "models.py").write_text("class Thing(Model):\n    state = CharField()\n")
    line, _ = told(tmp_path, f"{tmp_path.name}_thing", "state", part)
    program = DJANGO_WRITES.format(index=line.removeprefix("add to class Meta: indexes = [").removesuffix("]"))
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert f'CREATE INDEX "ix_own" ON "t" {expected}' in answer.stdout, answer.stderr


DJANGO_WRITES = """
from django.conf import settings
settings.configure(DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}})
import django
django.setup()
from django.db import connection, models
from django.db.models import F
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower, Upper
class Thing(models.Model):
    state = models.CharField(max_length=9)
    name = models.CharField(max_length=9)
    created_at = models.DateTimeField()
    class Meta:
        app_label = "t"
        db_table = "t"
with connection.schema_editor(collect_sql=True) as editor:
    editor.add_index(Thing, {index})
print(editor.collected_sql)
"""
