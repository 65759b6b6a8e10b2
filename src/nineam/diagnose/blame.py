"""Who is to blame: each layer's share of what Monday added to each endpoint, in exclusive milliseconds."""

from nineam.diagnose.picture import Picture
from nineam.model import Blame

SMALLEST_SHARE = 0.03


def blame(picture: Picture) -> tuple[Blame, ...]:
    """Growth per endpoint and layer, weighted by how many requests suffer it, largest first."""
    rows: list[tuple[float, Blame]] = []
    for endpoint in picture.users_endpoints(picture.failing):
        growth = picture.growth(picture.failing, endpoint)
        total = sum(growth.values())
        weight = picture.requests(picture.failing, endpoint)
        for layer, ms in growth.items():
            if total and ms / total >= SMALLEST_SHARE:
                rows.append((ms * weight, Blame(layer=layer, endpoint=endpoint, ms=ms, share=ms / total)))
    rows.sort(key=lambda row: -row[0])
    return tuple(row for _, row in rows)


def by_layer(picture: Picture) -> dict[str, float]:
    """Each layer's share of all the time that Monday added, over all endpoints; largest first."""
    sums: dict[str, float] = {}
    for endpoint in picture.users_endpoints(picture.failing):
        weight = picture.requests(picture.failing, endpoint)
        for layer, ms in picture.growth(picture.failing, endpoint).items():
            sums[layer] = sums.get(layer, 0.0) + ms * weight
    total = sum(sums.values())
    return {layer: ms / total for layer, ms in sorted(sums.items(), key=lambda item: -item[1])} if total else {}
