"""The database whose sessions are watched must be on this machine; its URL, with its password, is never said."""

import pytest

TARGET = "plain_asgi:app"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://shop:secret@10.1.2.3/shop", "10.1.2.3 is not this machine"),
        ("mysql://shop:secret@127.0.0.1/shop", "not a postgresql:// URL"),
        ("shop:secret", "not a postgresql:// URL"),
        ("postgresql://shop:secret@127.0.0.1:many/shop", "none that can be read"),
    ],
)
def test_a_database_that_cannot_be_watched_is_refused(refused, url, words):
    outcome = refused("run", TARGET, "--database", url, says=("--database", words))
    assert "secret" not in outcome.out + outcome.err


def test_a_database_in_the_settings_is_checked_likewise(refused, tmp_path):
    (tmp_path / "nineam.toml").write_text('database = "postgresql://shop:secret@10.1.2.3/shop"\n')
    outcome = refused("run", TARGET, "--cwd", str(tmp_path), says=("--database", "not this machine"))
    assert "secret" not in outcome.err
