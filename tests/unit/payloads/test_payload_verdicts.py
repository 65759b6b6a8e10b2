"""What the first line says of hostile payloads: what did not get through proves nothing."""

import pytest

from nineam.cli.payloads_shown import sentence
from nineam.monday.provoking import Provocation
from nineam.payloads.found import Found


@pytest.mark.parametrize(
    ("found", "begins"),
    [
        (Found(sent=100, asked=2), "READY: 100 hostile requests"),
        (Found(), "NOT PROVEN: no hostile request was sent"),
        (
            Found(sent=100, asked=1, refused={"GET /": 401}),
            "NOT PROVEN: 100 hostile requests to 0 endpoints did not break",
        ),
        (
            Found(sent=100, asked=2, turned_away=51),
            "NOT PROVEN: 100 hostile requests to 0 endpoints did not break it, but 51",
        ),
        (Found(sent=100, asked=2, turned_away=50), "READY"),
        (
            Found(sent=100, asked=2, left_out=("x",)),
            "NOT PROVEN: 100 hostile requests to 0 endpoints; none broke it twice",
        ),
    ],
)
def test_ready_is_only_what_was_answered(found, begins):
    assert sentence(Provocation(base_url="http://127.0.0.1:1", file="", found=found, seed=1)).startswith(begins)
