"""What cried first: for each layer the lowest load at which it had visibly grown.

Onset is only defined for milliseconds, so only layers (and the health probe, and failures) can cry. A layer
has grown when its mean exceeds that of localhost by 5 % of the objective, and by a tenth of the endpoint's
own time there. This says who was first, not who is to blame.
"""

from nineam.diagnose.capacity import offered
from nineam.diagnose.layers import words
from nineam.diagnose.picture import Picture
from nineam.model import Cry
from nineam.store.records import StoredPhase

OBJECTIVE_SHARE = 0.05
BASE_SHARE = 0.1
MOST = 6


def cries(picture: Picture, users: dict[int, int]) -> tuple[Cry, ...]:
    """Order every layer's first lasting growth by load, then by time. `users` gives each stair's people."""
    found = [*_layers(picture, users)]
    for sign in (_health, _errors):
        found += next(([cry] for stair in picture.lasting for cry in sign(picture, stair, users)), [])
    ordered = sorted(found, key=lambda cry: cry.at_s)[:MOST]
    return tuple(_numbered(cry, order) for order, cry in enumerate(ordered, 1))


def _numbered(cry: Cry, order: int) -> Cry:
    fields = {name: getattr(cry, name) for name in cry.__struct_fields__}
    return Cry(**(fields | {"order": order}))


def _layers(picture: Picture, users: dict[int, int]) -> list[Cry]:
    """Each layer that has grown for good, at the endpoint where that began first (most, where several did)."""
    first: dict[str, tuple[int, float, str]] = {}
    for endpoint in picture.seen(picture.localhost):
        for layer, stair, excess in _onsets(picture, endpoint):
            if (stair, -excess) < first.get(layer, (len(picture.stairs), 0.0))[:2]:
                first[layer] = (stair, -excess, endpoint)
    return [
        _layer_cry(picture, picture.stairs[stair], users, layer, -excess, endpoint)
        for layer, (stair, excess, endpoint) in first.items()
    ]


def _onsets(picture: Picture, endpoint: str) -> list[tuple[str, int, float]]:
    """Layer, stair and excess from which on the layer stays grown; a disturbance that passes is no onset."""
    before = picture.layers(picture.localhost, endpoint)
    limit = max(OBJECTIVE_SHARE * picture.objective_ms, BASE_SHARE * picture.server_ms(picture.localhost, endpoint))
    seen = [(number, picture.layers(stair, endpoint)) for number, stair in enumerate(picture.stairs)]
    seen = [(number, layers) for number, layers in seen if layers]
    onsets = []
    for layer in {layer for _, layers in seen for layer in layers}:
        onset: tuple[str, int, float] | None = None
        for number, layers in reversed(seen):
            excess = layers.get(layer, 0.0) - before.get(layer, 0.0)
            if excess <= limit:
                break
            onset = (layer, number, excess)
        if onset:
            onsets.append(onset)
    return onsets


def _layer_cry(
    picture: Picture, stair: StoredPhase, users: dict[int, int], layer: str, excess: float, endpoint: str
) -> Cry:
    base = picture.layer(picture.localhost, endpoint, layer)
    limit = OBJECTIVE_SHARE * picture.objective_ms
    seconds = picture.second_layers(stair, endpoint, layer)
    second = next((second for second, ms in sorted(seconds.items()) if ms - base > limit), 0)
    return Cry(
        order=0,
        layer=layer,
        signal=f"{layer} ms",
        endpoint=endpoint,
        at_users=users.get(stair.id, 0),
        at_rate=offered(picture, stair) if stair.rate else 0.0,
        at_s=_since(picture, stair) + second,
        sentence=f"{words(layer)}: {base:.1f} -> {base + excess:.0f} ms per {endpoint}",
    )


def _health(picture: Picture, stair: StoredPhase, users: dict[int, int]) -> list[Cry]:
    health = picture.stats(stair).health
    if health is None or health.failed < 2:
        return []
    sentence = f"the health check fails: {health.failed} of {health.requests} probes unanswered or refused within 1 s"
    return [_plain(picture, stair, users, "health", health.name, sentence)]


def _errors(picture: Picture, stair: StoredPhase, users: dict[int, int]) -> list[Cry]:
    failing = [
        stats
        for name, stats in picture.judged(stair).items()
        if stats.failed > max(2, 0.01 * stats.requests) and name not in picture.exempt
    ]
    if not failing:
        return []
    worst = max(failing, key=lambda stats: stats.failed)
    sentence = f"requests fail: {worst.failed} of {worst.requests} {worst.name}"
    return [_plain(picture, stair, users, "errors", picture.template(worst.name), sentence)]


def _plain(
    picture: Picture, stair: StoredPhase, users: dict[int, int], layer: str, endpoint: str, sentence: str
) -> Cry:
    return Cry(
        order=0,
        layer=layer,
        signal="http_req_failed" if layer == "errors" else "probes failed",
        endpoint=endpoint,
        at_users=users.get(stair.id, 0),
        at_rate=offered(picture, stair) if stair.rate else 0.0,
        at_s=_since(picture, stair) + stair.seconds / 2,
        sentence=sentence,
    )


def _since(picture: Picture, stair: StoredPhase) -> float:
    """Seconds from the beginning of Monday to the beginning of a stair."""
    return (stair.begin_ns - picture.stairs[0].begin_ns) / 1e9
