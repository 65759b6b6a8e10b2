"""The variables that code reads its database's address from are found in its text."""

from nineam.cli.variables_read import variables_read

CODE = """
import os
PLACE = os.environ.get("SHOP_DB_PATH", "shop.db")
CACHE = os.environ["CACHE_URL"]
DATABASES = {"default": env.db("DATABASE_URL")}
"""
SETTINGS = """
class Settings(BaseSettings):
    database_url: str = "sqlite:///shop.db"
    debug_url: str = ""
"""


def test_variables_are_named_with_their_place_the_likeliest_first(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "main.py").write_text(CODE)
    (tmp_path / ".venv" / "lib").mkdir(parents=True)
    (tmp_path / ".venv" / "lib" / "other.py").write_text('os.environ["OTHER_DATABASE_URL"]')
    assert variables_read(tmp_path) == {"DATABASE_URL": "shop/main.py:5", "SHOP_DB_PATH": "shop/main.py:3"}


def test_a_field_of_settings_stands_for_the_variable_that_fills_it(tmp_path):
    (tmp_path / "settings.py").write_text(SETTINGS)
    assert variables_read(tmp_path) == {"DATABASE_URL": "settings.py:3"}


def test_fields_that_are_parts_of_an_address_are_named_with_the_prefix_of_their_class(tmp_path):
    text = 'class Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix="shop_")\n'
    (tmp_path / "settings.py").write_text(text + "    postgres_db: str = 'shop'\n    postgres_host: str\n")
    assert variables_read(tmp_path) == {"SHOP_POSTGRES_DB": "settings.py:3"}


def test_code_that_reads_none_names_none(tmp_path):
    (tmp_path / "main.py").write_text('engine = create_engine("sqlite:///shop.db")\n')
    (tmp_path / "broken.py").write_bytes(b"\xff\xfe\x00")
    assert variables_read(tmp_path) == {}
