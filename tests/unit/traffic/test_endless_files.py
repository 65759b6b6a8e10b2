"""Files that never end, or unpack to more than anybody reads."""

import gzip
import os
import signal
import threading

import pytest

from nineam.errors import UsageError
from nineam.traffic import access_log, files
from nineam.traffic.access_log import read_access_log
from nineam.traffic.files import whole
from nineam.traffic.har import read_har
from nineam.traffic.urls import read_list

LINE = b'1.1.1.1 - - [10/Oct/2024:13:00:00 +0000] "GET / HTTP/1.1" 200 1\n'


def refused(call, *arguments, **options):
    with pytest.raises(UsageError) as caught:
        call(*arguments, **options)
    return caught.value


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path):
    file = tmp_path / "x"
    file.write_bytes(b"a" * (1 << 20))
    assert len(whole(file, "list", 1 << 20)) == 1 << 20
    assert "has more than 0 MB, unpacked: too much for a list" in refused(whole, file, "list", (1 << 20) - 1).message


def test_what_is_packed_counts_unpacked(tmp_path):
    file = tmp_path / "x.gz"
    file.write_bytes(gzip.compress(bytes(1 << 22)))
    assert len(whole(file, "list", 1 << 22)) == 1 << 22
    assert "has more than 2 MB, unpacked" in refused(whole, file, "list", 1 << 21).message


def test_a_body_is_read_from_a_file_only(tmp_path):
    (tmp_path / "urls.txt").write_text("POST /x\n@/dev/zero\n")
    assert (
        "urls.txt:2: the body cannot be had: /dev/zero is no file" in refused(read_list, tmp_path / "urls.txt").message
    )


def test_a_body_of_another_programs_making_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "urls.txt").write_text("POST /x\n@pipe\n")
    assert "pipe is a pipe" in refused(read_list, tmp_path / "urls.txt").message


def test_a_pipe_is_read_like_a_file(tmp_path):
    pipe = tmp_path / "urls"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("/a\n",))
    writer.start()
    assert [each.path for each in read_list(pipe).requests] == ["/a"]
    writer.join()


def test_an_address_that_no_server_takes_is_refused_at_its_line(tmp_path):
    (tmp_path / "urls.txt").write_text(f"/ok\n/{'a' * 16_384}\n")
    problem = refused(read_list, tmp_path / "urls.txt")
    assert "urls.txt:2: the address has 16,385 characters, expected at most 16,384" in problem.message
    assert len(problem.details[0]) < 250


def test_a_name_of_a_long_address_is_its_beginning(tmp_path):
    (tmp_path / "urls.txt").write_text(f"/{'a' * 10_000}\n")
    (request,) = read_list(tmp_path / "urls.txt").requests
    assert (len(request.path), len(request.name)) == (10_001, 200)


@pytest.mark.parametrize("weight", ["1e308", "1e999", "2e9", "inf", "nan", "0", "-1"])
def test_a_weight_that_cannot_be_added_up_is_refused(tmp_path, weight):
    (tmp_path / "urls.txt").write_text(f"/a {weight}\n")
    assert (
        f"the weight is {weight}, expected more than 0, at most 1e+09"
        in refused(read_list, tmp_path / "urls.txt").message
    )


def test_a_recorded_address_that_no_server_takes_is_left_out_and_counted(tmp_path):
    entries = [f'{{"request": {{"method": "GET", "url": "http://a.b/{path}"}}}}' for path in ("x", "y" * 17_000)]
    (tmp_path / "a.har").write_text(f'{{"log": {{"entries": [{",".join(entries)}]}}}}')
    recorded = read_har(tmp_path / "a.har")
    assert [step.request.path for step in recorded.recordings[0].steps] == ["/x"]
    assert any("its URL has 17,011 characters" in text for text in recorded.skipped)


def test_a_log_whose_line_never_ends_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(access_log, "NO_LINE", 3 << 20)
    (tmp_path / "a.log").write_bytes(LINE + bytes(4 << 20))
    problem = refused(read_access_log, tmp_path / "a.log", tmp_path / "tape")
    assert "a.log:2 has more than 3 MB, unpacked" in problem.message


def test_a_log_that_never_ends_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(access_log, "LARGEST_LOG", 3 * files.MEGABYTE)
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(LINE * 60_000))
    problem = refused(read_access_log, tmp_path / "a.log.gz", tmp_path / "tape")
    assert "has more than 3 MB, unpacked: too much for an access log" in problem.message


def test_the_alarm_of_a_log_format_is_put_back(tmp_path):
    before = signal.getsignal(signal.SIGALRM)
    (tmp_path / "a.log").write_text("2024-10-10T13:00:00 GET /a\n")
    found = read_access_log(
        tmp_path / "a.log", tmp_path / "tape", pattern=r"(?P<time>\S+) (?P<method>\S+) (?P<path>\S+)"
    )
    assert [each.path for each in found.requests] == ["/a"]
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_log_format_works_in_any_thread(tmp_path):
    (tmp_path / "a.log").write_text("2024-10-10T13:00:00 GET /a\n")
    pattern, found = r"(?P<time>\S+) (?P<method>\S+) (?P<path>\S+)", []

    def read():
        found.append(read_access_log(tmp_path / "a.log", tmp_path / "tape", pattern=pattern))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert len(found) == 1
