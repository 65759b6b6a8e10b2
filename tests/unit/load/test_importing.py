"""A user's file while it is imported: it can neither end nineam nor keep it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nineam.errors import UsageError
from nineam.load import importing
from nineam.load.importing import contained
from nineam.load.journeys import load_journeys
from nineam.load.locust import check_locustfile

FILE = Path("monday.py")


@pytest.mark.parametrize("load", [load_journeys, check_locustfile])
def test_a_file_that_ends_the_process_is_named_with_its_line(tmp_path, load):
    file = tmp_path / "ending.py"
    file.write_text("import os\nos._exit(0)\n")
    with pytest.raises(UsageError, match=r"ending\.py:2.*os\._exit\(0\) would end nineam"):
        load(str(file))
    assert os._exit.__module__ == "posix"


@pytest.mark.parametrize("load", [load_journeys, check_locustfile])
@pytest.mark.parametrize("line", ["while True: pass", "time.sleep(3600)"])
def test_a_file_that_does_not_come_to_an_end_is_named_with_its_line(tmp_path, monkeypatch, load, line):
    monkeypatch.setattr(importing, "LONGEST_IMPORT_S", 0.2)
    file = tmp_path / "lasting.py"
    file.write_text(f"import time\n{line}\n")
    with pytest.raises(UsageError, match=r"lasting\.py:2.*it was not done after 0\.2 s") as refused:
        load(str(file))
    assert refused.value.details == (line,)


def test_a_file_that_catches_everything_ends_the_process_all_the_same(tmp_path):
    file = tmp_path / "stubborn.py"
    file.write_text("import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass\n")
    code = (
        "from nineam.load import importing, journeys\n"
        "importing.LONGEST_IMPORT_S = importing.INSIST_EVERY_S = 0.05\n"
        f"journeys.load_journeys({str(file)!r})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: ")
    assert "stubborn.py was not imported after 0.05 s" in ended.stderr


def test_what_a_file_forks_ends_with_its_import(tmp_path):
    file, seen = tmp_path / "forking.py", tmp_path / "seen"
    file.write_text("import os\nfrom nineam import journey\nos.fork()\n@journey\nasync def a(user): ...\n")
    code = (
        "from nineam.load.journeys import load_journeys\n"
        f"load_journeys({str(file)!r})\n"
        f"open({str(seen)!r}, 'a').write('x')"
    )
    subprocess.run([sys.executable, "-c", code], timeout=30, check=True)
    assert seen.read_text() == "x"


def test_a_timer_and_a_handler_of_somebody_else_are_put_back():
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        with contained(FILE):
            assert signal.getitimer(signal.ITIMER_REAL)[0] < 100
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 900
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
