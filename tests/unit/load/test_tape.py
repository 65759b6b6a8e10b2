import pytest

from nineam.errors import UsageError
from nineam.load.tape import check_tape, read_tape


def tape(tmp_path, data):
    file = tmp_path / "tape"
    file.write_bytes(data)
    return str(file)


def test_a_tape_is_read_line_by_line(tmp_path):
    assert list(read_tape(tape(tmp_path, b"[0,1]\n[0, 0]\n[1500,2]\n"), 3)) == [(0, 1), (0, 0), (1500, 2)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"[5", "not two whole numbers"),
        (b"", "not two whole numbers"),
        (b'{"a":1}', "not two whole numbers"),
        (b"[5.5,0]", "not two whole numbers"),
        (b"[5,0,0]", "not two whole numbers"),
        (b"\xff\xfe", "not two whole numbers"),
        (b"[3,0]", "3 is earlier than 4"),
        (b"[9,2]", "no such request, there are 2"),
        (b"[9,-1]", "no such request"),
    ],
)
def test_a_broken_line_is_named_with_its_number(tmp_path, line, words):
    file = tape(tmp_path, b"[4,0]\n" + line + b"\n[10,0]\n")
    with pytest.raises(UsageError, match=f"{file}:2 is no entry of a tape: .*{words}"):
        list(read_tape(file, 2))


def test_a_huge_broken_line_is_shown_short(tmp_path):
    with pytest.raises(UsageError) as caught:
        list(read_tape(tape(tmp_path, b"x" * 10_000_000), 2))
    assert len(caught.value.details[0]) < 100


def test_a_tape_that_is_missing_empty_or_not_named_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        check_tape(str(tmp_path / "nothing"), 1)
    with pytest.raises(UsageError, match="is empty"):
        check_tape(tape(tmp_path, b""), 1)
    with pytest.raises(UsageError, match="has no tape"):
        check_tape("", 1)
