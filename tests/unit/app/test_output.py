"""Whatever an application prints is kept within bounds and can be shown."""

import pytest

from nineam.app.output import Output


def test_only_the_last_lines_are_kept():
    output = Output(kept_lines=3)
    output.feed(b"".join(b"line %d\n" % number for number in range(10)))
    assert output.lines() == ("line 7", "line 8", "line 9")
    assert output.lines(1) == ("line 9",)


def test_lines_that_arrive_in_pieces_are_whole_and_an_unfinished_one_is_shown():
    output = Output()
    for piece in (b"hal", b"f and ", b"half\r\nunfi", b"nished"):
        output.feed(piece)
    assert output.lines() == ("half and half", "unfinished")


@pytest.mark.parametrize("chunk", [b"x" * 100_000, b"x" * 100_000 + b"\n"])
def test_a_line_is_cut_at_two_thousand_characters(chunk):
    output = Output()
    output.feed(chunk)
    assert output.lines() == ("x" * 2_000,)


def test_an_endless_line_takes_no_endless_memory():
    output = Output()
    for _ in range(1_000):
        output.feed(b"x" * 10_000)
    assert len(output.lines()[0]) == 2_000


def test_bytes_that_are_no_text_and_terminal_codes_do_not_reach_the_terminal():
    output = Output()
    output.feed(b"\x1b[31mred\x1b[0m \xff\xfe \x1b]0;title\x07\x00\n")
    assert output.lines() == ("red \ufffd\ufffd 0;title",)


def test_the_log_file_is_bounded_and_says_so(tmp_path):
    output = Output(tmp_path / "log", log_bytes=10)
    output.feed(b"0123456")
    output.feed(b"789abcdef")
    output.feed(b"more")
    output.close()
    text = (tmp_path / "log").read_text()
    assert text.startswith("0123456789\n[the log is full")
    assert "more" not in text


def test_a_closed_output_still_keeps_lines(tmp_path):
    output = Output(tmp_path / "log")
    output.close()
    output.feed(b"late\n")
    assert output.lines() == ("late",)
