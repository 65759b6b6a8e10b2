"""How much memory may be asked for: the machine's, or what is left of a container's."""

from nineam.trials.memory import available


def test_a_container_has_less_than_its_machine(tmp_path):
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    assert available(tmp_path) == 600_000


def test_a_container_without_a_limit_has_what_the_machine_has(tmp_path):
    (tmp_path / "memory.max").write_text("max\n")
    assert available(tmp_path) > 1_000_000
    assert available(tmp_path / "none") > 1_000_000
