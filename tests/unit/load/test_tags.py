"""The tags of journeys, read without running them."""

import pytest

from nineam.load.tags import tag_keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('await user.get("/", tags={"kind": "slow", "page": name})', {"kind", "page"}),
        ('metric("size", 3, tags={"country": "de"})', {"country"}),
        ('user.get("/", tags=those)', {"*"}),
        ('user.get("/", tags={key: 1})', {"*"}),
        ('user.get("/", tags={**more, "kind": 1})', {"*", "kind"}),
        ("user.get('/')", set()),
        ("this is no Python", set()),
    ],
)
def test_the_keys_of_tags_are_those_that_are_written_out(tmp_path, text, keys):
    file = tmp_path / "monday.py"
    file.write_text(f"async def browse(user):\n    {text}\n")
    assert tag_keys(str(file)) == keys


def test_a_file_that_is_not_there_has_no_tags(tmp_path):
    assert tag_keys(str(tmp_path / "none.py")) == set()
