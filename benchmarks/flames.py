"""Made-up runs with flames: a believable shop, and one of any number of boxes."""

import random

from nineam.model import (
    After,
    Capacity,
    Flame,
    FlameLayer,
    FlameStack,
    Generator,
    Interval,
    Machine,
    Observer,
    PhaseResult,
    RunDocument,
    Sampler,
    TargetInfo,
    Verdict,
)

_VIEW = "list_orders (shop/routers/orders.py:22)"
_ITEM = "OrderOut.of (shop/serializers.py:24)"
_LAZY = (
    "Order.customer.__get__ (sqlalchemy/orm/attributes.py:566)",
    "LazyLoader._load_for_state (sqlalchemy/orm/strategies.py:918)",
    "LazyLoader._emit_lazyload (sqlalchemy/orm/strategies.py:1078)",
)
_EXECUTE = (
    "Session.execute (sqlalchemy/orm/session.py:2365)",
    "Connection._execute_context (sqlalchemy/engine/base.py:1846)",
    "DefaultDialect.do_execute (sqlalchemy/engine/default.py:952)",
    "Cursor.execute (psycopg/cursor.py:97)",
)
_STACKS: dict[str, tuple[tuple[tuple[str, ...], int], ...]] = {
    "db_execute": (
        ((_VIEW, _ITEM, *_LAZY, *_EXECUTE, "Connection.wait (psycopg/connection.py:453)"), 412),
        ((_VIEW, _ITEM, *_LAZY, *_EXECUTE, "PostgresQuery.convert (psycopg/_queries.py:70)"), 61),
        ((_VIEW, "Select.all (shop/queries.py:9)", *_EXECUTE, "Connection.wait (psycopg/connection.py:453)"), 44),
    ),
    "orm": (
        ((_VIEW, _ITEM, *_LAZY, "Session._autoflush (sqlalchemy/orm/session.py:3062)"), 35),
        ((_VIEW, _ITEM, *_LAZY, "ORMCompileState.create_for_statement (sqlalchemy/orm/context.py:430)"), 72),
        ((_VIEW, _ITEM, *_LAZY), 31),
    ),
    "hydration": (((_VIEW, _ITEM, *_LAZY, "instances (sqlalchemy/orm/loading.py:226)"), 66),),
    "serializer": (
        ((_VIEW, _ITEM, "BaseModel.model_validate (pydantic/main.py:627)"), 80),
        (("serialize_response (fastapi/routing.py:187)", "_prepare_response_content (fastapi/routing.py:140)"), 29),
    ),
    "view": (
        ((_VIEW,), 12),
        ((_VIEW, "total (shop/money.py:11)"), 9),
        ((_VIEW, "total (shop/money.py:11)", "Decimal.quantize (decimal.py:2500)"), 14),
    ),
    "pool_wait": (((_VIEW, _ITEM, *_LAZY, "QueuePool._do_get (sqlalchemy/pool/impl.py:165)"), 190),),
    "middleware:RequestLogMiddleware": ((("RequestLogMiddleware.dispatch (shop/middleware.py:34)",), 11),),
}
_ENDPOINTS = (("GET /api/orders", 1.0, 911), ("GET /api/products", 0.24, 846), ("POST /api/cart", 0.17, 312))
_LOCALHOST = {"db_execute": 24.1, "orm": 6.2, "serializer": 4.8, "hydration": 3.9, "view": 1.1}
_ALWAYS = {"middleware:RequestLogMiddleware": 0.7, "framework": 0.9, "unattributed": 0.4}
_MONDAY = {"db_execute": 45.0, "orm": 11.0, "hydration": 6.0, "serializer": 9.1, "view": 1.7, "server_wait": 2.2}
_ADDED = {"pool_wait": 92.0, "loop_lag": 28.0}


def shop() -> RunDocument:
    """Return a shop whose orders load their customers one by one, on a Monday with too few connections."""
    flames = []
    for name, factor, requests in _ENDPOINTS:
        flames.append(_flame(name, "localhost", 120, _LOCALHOST | _ALWAYS, factor))
        flames.append(_flame(name, "monday", requests, _MONDAY | _ALWAYS | _ADDED, factor))
    return document(tuple(flames))


def _flame(name: str, phase: str, requests: int, layers: dict[str, float], factor: float) -> Flame:
    measured = {layer: ms * factor for layer, ms in layers.items()}
    return flame(name, phase, requests, {layer: (ms, _STACKS.get(layer, ())) for layer, ms in measured.items()})


def flame(
    endpoint: str, phase: str, requests: int, layers: dict[str, tuple[float, tuple[tuple[tuple[str, ...], int], ...]]]
) -> Flame:
    """Return a flame from the milliseconds and the counted stacks of each layer."""
    parts = []
    for layer, (ms, counted) in layers.items():
        total = sum(count for _, count in counted)
        stacks = tuple(FlameStack(frames=frames, samples=count, ms=ms * count / total) for frames, count in counted)
        parts.append(FlameLayer(layer=layer, ms=ms, stacks=stacks))
    whole = sum(part.ms for part in parts)
    return Flame(endpoint=endpoint, phase=phase, requests=requests, ms=whole, layers=tuple(parts))


def large(boxes: int, endpoints: int = 1) -> RunDocument:
    """Return a run of so many boxes in each flame: random stacks, up to 40 frames deep."""
    flames = []
    for endpoint in range(endpoints):
        chance = random.Random(endpoint)
        for phase in ("localhost", "monday"):
            flames.append(_random(f"GET /api/{endpoint}", phase, boxes, chance))
    return document(tuple(flames))


def _random(endpoint: str, phase: str, boxes: int, chance: random.Random) -> Flame:
    names = ("db_execute", "orm", "view", "serializer", "framework")
    seen: set[tuple[str, ...]] = set()
    found: dict[str, dict[tuple[str, ...], int]] = {name: {} for name in names}
    while len(seen) < boxes:
        frames: tuple[str, ...] = ()
        layer = chance.choice(names)
        for depth in range(chance.randint(3, 40)):
            number = chance.randrange(3) + depth * 3
            frames += (f"Thing{number}.work_{number} (package_{depth % 7}/module_{number}.py:{number + 10})",)
            seen.add((layer, *frames))
            if chance.random() < 0.03:
                break
        found[layer][frames] = found[layer].get(frames, 0) + chance.randint(1, 40)
    layers = {layer: (chance.uniform(2, 60), tuple(counted.items())) for layer, counted in found.items()}
    return flame(endpoint, phase, 500, layers)


def document(flames: tuple[Flame, ...]) -> RunDocument:
    """Return a run that is nothing but its flames."""
    return RunDocument(
        version="0",
        machine=Machine(cores=2, python="3.12", os="Linux"),
        target=TargetInfo(kind="asgi", command="shop.main:app", framework="", server="", database=""),
        verdict=Verdict(status="not-proven", sentence="Made up."),
        generator=Generator(trustworthy=True, slip_p99_ms=0, cpu_share=0, requests=0, cpu_us_per_request=0, reason=""),
        observer=Observer(cpu_percent=None, records=0, dropped=0),
        localhost=PhaseResult(),
        monday=PhaseResult(),
        after=After(recovered=None, seconds=None),
        capacity=Capacity(slo="", rate=Interval(low=0, high=None), users=Interval(low=0, high=None), limited_by=""),
        sampler=Sampler(kind="sigalrm", hz=199),
        flames=flames,
    )
