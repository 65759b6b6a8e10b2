"""A load process that ends before its time."""

import psutil

TARGET = "plain_asgi:app"


def test_a_load_process_that_somebody_kills_is_nobody_s_bug(start, project, short, until):
    run = start("run", TARGET, "--rate", "20", "--no-climb", "-t", "50s", *short, cwd=project)

    def load():
        return [each for each in run.descendants() if "nineam.load.shard" in each.cmdline()]

    until(lambda: "localhost  one" in run.said())
    for process in load():
        process.kill()
    outcome = run.outcome()
    outcome.refuses(1, "the load process was killed (signal 9)", "memory ran out")
    assert "a bug" not in outcome.err
    assert not psutil.pid_exists(run.pid)
