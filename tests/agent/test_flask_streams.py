"""Flask's answers that are made while they are sent: each piece is its maker's time, the record ends with the last."""

import kit
import pytest

pytest.importorskip("flask", reason="Flask is what is measured here")

ROUNDS = 4


@pytest.fixture(scope="module")
def seen():
    with kit.FakeController() as controller:
        answers = kit.answer_of([str(kit.CHILDREN / "flask_streams.py")], kit.environment(controller.path))
        controller.settle()
    requests = iter(controller.requests)
    return {
        (around, path): [(next(requests), answer) for answer in given]
        for around, paths in answers.items()
        for path, given in paths.items()
    }


def near(rounds, layer, *positions):
    """Whether a layer is what the costs at these positions took, in the round disturbed least."""
    off = []
    for request, answer in rounds[1:]:
        true = sum(answer["truth"][position] for position in positions)
        off.append(abs(kit.milliseconds(request, layer) - true))
    return min(off) < 1.5


def test_clients_get_what_they_asked_for(seen):
    texts = {path: {answer["text"] for _, answer in rounds} for (_, path), rounds in seen.items()}
    assert texts == {"/pours": {"abc"}, "/whole": {"whole"}}
    assert {request.status for rounds in seen.values() for request, _ in rounds} == {200}


def test_every_answer_is_one_record_that_adds_up(seen):
    for (_, path), rounds in seen.items():
        assert len(rounds) == ROUNDS
        for request, _ in rounds:
            assert request.endpoint == f"GET {path}"
            assert kit.sum_of_layers(request) == request.total_ns


def test_the_pieces_of_a_stream_are_the_views(seen):
    assert near(seen["plain", "/pours"], "view", 0, 1, 2, 3)
    assert near(seen["plain", "/whole"], "view", 0)


def test_what_is_around_a_stream_owns_what_it_does_with_each_piece(seen):
    assert near(seen["around", "/pours"], "view", 0, 1, 3, 5)
    assert near(seen["around", "/pours"], "middleware:Around", 2, 4, 6)
    assert near(seen["around", "/whole"], "middleware:Around", 1)
