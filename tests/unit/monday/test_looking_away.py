"""The agents look away while a block lasts, and look again whatever ends it."""

import pytest

from nineam.monday.observer import looking_away


def test_they_look_away_and_look_again():
    told = []
    with looking_away(told.append):
        assert told == [False]
    assert told == [False, True]


def test_they_look_again_after_an_error():
    told = []
    with pytest.raises(ValueError, match="the load broke"), looking_away(told.append):
        raise ValueError("the load broke")
    assert told == [False, True]


def test_without_an_agent_nobody_is_told():
    with looking_away(None):
        pass
