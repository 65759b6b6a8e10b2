"""Believable run documents for the report tests: a FastAPI shop on its worst Monday, and its variants."""

import msgspec

from nineam.model import (
    After,
    Blame,
    Capacity,
    CheckResult,
    Cry,
    Endpoint,
    Finding,
    Generator,
    Git,
    Grown,
    GrownTable,
    Growth,
    GrowthPoint,
    Health,
    Interval,
    JourneyProblem,
    Machine,
    Metric,
    Observer,
    PhaseResult,
    Root,
    RunDocument,
    Stair,
    Suspect,
    TargetInfo,
    ThresholdResult,
    Totals,
    Verdict,
)

HOSTILE_SCRIPT = "</script><script>alert(1)</script>"
HOSTILE_IMAGE = "<img src=x onerror=alert(1)>"
HOSTILE_SURROGATE = "caf\udce9"
HOSTILE_RTL = "/api/\u202egnp.exe"
HOSTILE_ESCAPE = "\x1b[31mred\x1b[0m\x00\x07[bold]markup[/bold] :smile:"
LONG_SQL = "SELECT " + ", ".join(f"orders.column_{number:04d}" for number in range(480)) + " FROM orders"


def shop() -> RunDocument:
    """The whole story: N+1, a blocking password hash, a pool of five, a health check that lies."""
    return RunDocument(
        run=".nineam/runs/2026-11-23T0900-shop.nineam",
        started="2026-11-23T09:00:00+00:00",
        seconds=83.4,
        version="0.1.0",
        git=Git(commit="3f9c2ab7d10e4b6f8f7a", dirty=True),
        machine=Machine(cores=8, python="3.12.4", os="Linux 6.8"),
        target=TargetInfo(
            kind="asgi",
            command="uvicorn shop.main:app --workers 1",
            framework="FastAPI 0.115",
            server="uvicorn 0.30",
            database="PostgreSQL 16.3",
            python="3.12.4",
        ),
        verdict=Verdict(
            status="not-ready",
            sentence="NOT READY for 40 req/s: p(95)<500 stopped holding at 20 req/s (about 22 people), "
            "because the five database connections were all taken.",
        ),
        generator=Generator(
            trustworthy=True, slip_p99_ms=0.41, cpu_share=0.22, requests=2514, cpu_us_per_request=61.8, reason=""
        ),
        observer=Observer(
            cpu_percent=1.8,
            records=2514,
            dropped=0,
            hooks={
                "fastapi": "hooked",
                "sqlalchemy": "hooked",
                "psycopg": "hooked",
                "redis": "not imported by the application",
            },
        ),
        localhost=localhost(),
        monday=monday(),
        after=After(recovered=True, seconds=6.2),
        capacity=Capacity(
            slo="p(95)<500",
            rate=Interval(low=14.1, high=20.0),
            users=Interval(low=16.0, high=22.0),
            limited_by="pool_wait",
            kind="measured",
        ),
        health=Health(path="/health", failed_rate=0.0, p95_ms=3.9, honest=False),
        stairs=stairs(),
        cried_first=cries(),
        blame=blame(),
        roots=roots(),
        findings=findings(),
        story=(
            "At five requests a second every order already loads its customer on its own: 101 queries a request.",
            "At 20 req/s those queries keep all five connections busy; the sixth request waits for a connection.",
            "At 28 req/s logins hash passwords on the event loop and every other request waits behind them.",
            "At 40 req/s one request in thirty gives up; /health still answers in 3.9 ms that all is well.",
        ),
        suspect=Suspect(
            text="json serialization",
            sentence="You suspected json serialization: it costs 9.1 ms of 1630 ms (0.6%) on GET /api/orders.",
        ),
        checks=(
            CheckResult(name="status is 200", passes=2436, fails=78),
            CheckResult(name="cart has a total", passes=312, fails=0),
            CheckResult(name="response time under 500ms", passes=1702, fails=812),
        ),
        thresholds=(
            ThresholdResult(metric="http_req_duration", source="p(95)<500", ok=False, value=2314.72),
            ThresholdResult(metric="http_req_duration", source="p(99)<5000", ok=True, value=3120.4),
            ThresholdResult(metric="http_req_duration{name:POST /api/login}", source="med<900", ok=True, value=640.2),
            ThresholdResult(metric="http_req_failed", source="rate<0.01", ok=False, value=0.031),
        ),
        metrics=metrics(),
        totals=Totals(stairs=(6,), seconds=30.0),
        notices=("The host ran other work during 2 of 83 seconds (steal below 1%).",),
    )


def localhost() -> PhaseResult:
    """One polite user: everything is quick."""
    return PhaseResult(
        users=1,
        rate=None,
        endpoints={
            "GET /api/orders": endpoint(120, 0, (41.2, 48.9, 55.0, 61.0), orders_layers(1.0), queries=101.0),
            "GET /api/products": endpoint(120, 0, (2.1, 3.4, 4.0, 4.4), products_layers(1.0), queries=2.0),
            "GET /api/products/{id}": endpoint(120, 0, (1.4, 2.2, 2.9, 3.1), products_layers(0.6), queries=1.0),
            "POST /api/login": endpoint(120, 0, (182.0, 191.0, 197.0, 203.0), login_layers(1.0), queries=1.0),
            "POST /api/cart": endpoint(120, 0, (4.8, 6.1, 7.7, 9.0), cart_layers(1.0), queries=4.0),
        },
    )


def monday() -> PhaseResult:
    """Forty requests a second."""
    return PhaseResult(
        users=44,
        rate=40.0,
        endpoints={
            "GET /api/orders": endpoint(
                911, 51, (1410.0, 2314.7, 3120.0, 3402.0), orders_layers(1.9) | {"pool_wait": 1302.0, "loop_lag": 118.0}
            ),
            "GET /api/products": endpoint(
                846, 9, (640.0, 1204.0, 1630.0, 1822.0), products_layers(1.3) | {"pool_wait": 488.0, "loop_lag": 121.0}
            ),
            "GET /api/products/{id}": endpoint(
                301, 2, (512.0, 988.0, 1311.0, 1402.0), products_layers(0.8) | {"pool_wait": 390.0, "loop_lag": 119.0}
            ),
            "POST /api/login": endpoint(
                140, 0, (640.2, 1490.0, 2004.0, 2214.0), login_layers(1.2) | {"pool_wait": 201.0, "loop_lag": 212.0}
            ),
            "POST /api/cart": endpoint(
                312, 16, (702.0, 1410.0, 1911.0, 2043.0), cart_layers(1.4) | {"pool_wait": 540.0, "loop_lag": 117.0}
            ),
        },
    )


def endpoint(
    requests: int,
    failed: int,
    percentiles: tuple[float, float, float, float],
    layers: dict[str, float],
    queries: float | None = None,
) -> Endpoint:
    """One endpoint from counts, (p50, p95, p99, max) in ms and its layers."""
    p50, p95, p99, maximum = percentiles
    statuses = {"200": requests - failed} | ({"500": failed} if failed else {})
    return Endpoint(
        requests=requests,
        failed=failed,
        failed_rate=failed / requests,
        statuses=statuses,
        errors={"timeout after 5 s": 3} if failed > 10 else {},
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=maximum,
        service_p95_ms=p95 * 0.97,
        rate=requests / 30,
        queries_per_request=queries,
        server_mean_ms=sum(layers.values()) if layers else None,
        layers_ms=layers,
    )


def orders_layers(factor: float) -> dict[str, float]:
    """Exclusive ms of GET /api/orders; most of it the database, a query at a time."""
    return {
        "db_execute": 24.1 * factor,
        "orm": 6.2 * factor,
        "hydration": 3.9 * factor,
        "serializer": 4.8 * factor,
        "middleware:RequestLogMiddleware": 0.7 * factor,
        "pool_wait": 0.1 * factor,
        "view": 1.1 * factor,
        "unattributed": 0.6 * factor,
    }


def products_layers(factor: float) -> dict[str, float]:
    """Exclusive ms of the product pages."""
    return {
        "db_execute": 0.9 * factor,
        "hydration": 0.3 * factor,
        "serializer": 0.4 * factor,
        "middleware:RequestLogMiddleware": 0.2 * factor,
        "unattributed": 0.2 * factor,
    }


def login_layers(factor: float) -> dict[str, float]:
    """Exclusive ms of the login: a password hash in the view, on the event loop."""
    return {"view": 178.0 * factor, "db_execute": 1.1 * factor, "unattributed": 1.9 * factor}


def cart_layers(factor: float) -> dict[str, float]:
    """Exclusive ms of the cart."""
    return {"view": 0.4 * factor, "db_execute": 2.7 * factor, "http_client": 0.9 * factor, "unattributed": 0.5 * factor}


def stairs() -> tuple[Stair, ...]:
    """Geometric stairs; the fourth is the first that does not hold."""
    rows = (
        (6, 5.0, 5.0, 8.1, 48.0, 66.0, 0.0, True),
        (11, 10.0, 10.0, 9.4, 71.0, 102.0, 0.0, True),
        (16, 14.1, 14.1, 16.2, 204.0, 310.0, 0.0, True),
        (22, 20.0, 19.8, 88.0, 712.0, 1104.0, 0.0, False),
        (31, 28.3, 26.9, 402.0, 1460.0, 2011.0, 0.008, False),
        (44, 40.0, 30.4, 911.0, 2105.0, 2904.0, 0.031, False),
    )
    return tuple(
        Stair(
            index=index,
            users=users,
            rate=rate,
            achieved_rate=achieved,
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            failed_rate=failed,
            held=held,
            layers_ms={"pool_wait": p50 * 0.8, "unattributed": 0.4},
        )
        for index, (users, rate, achieved, p50, p95, p99, failed, held) in enumerate(rows, 1)
    )


def cries() -> tuple[Cry, ...]:
    """What began to degrade, in order."""
    return (
        Cry(
            order=1,
            layer="pool_wait",
            signal="connections in use 5 of 5",
            endpoint="GET /api/orders",
            at_users=22,
            at_rate=20.0,
            at_s=31.5,
            sentence="all five database connections taken; requests wait 61 ms for one",
        ),
        Cry(
            order=2,
            layer="loop_lag",
            signal="event loop lag p99 182 ms",
            endpoint="POST /api/login",
            at_users=31,
            at_rate=28.3,
            at_s=44.0,
            sentence="the event loop stands still for 182 ms while a password is hashed",
        ),
        Cry(
            order=3,
            layer="client",
            signal="failed 3.1%",
            endpoint="GET /api/orders",
            at_users=44,
            at_rate=40.0,
            at_s=58.0,
            sentence="one request in thirty fails: QueuePool limit of size 5 overflow 0 reached",
        ),
    )


def roots() -> tuple[Root, ...]:
    return (
        Root(
            layer="db_execute", endpoint="GET /api/orders", ms=61.0, share=0.71, confidence=0.96, code="n-plus-one",
            where="app/views.py:42",
        ),
    )  # fmt: skip


def blame() -> tuple[Blame, ...]:
    """Who added Monday's milliseconds."""
    return (
        Blame(layer="pool_wait", endpoint="GET /api/orders", ms=1301.9, share=0.89, kind="measured"),
        Blame(layer="loop_lag", endpoint="POST /api/login", ms=212.0, share=0.47, kind="measured"),
        Blame(layer="loop_lag", endpoint="GET /api/orders", ms=118.0, share=0.08, kind="measured"),
        Blame(layer="unattributed", endpoint="GET /api/orders", ms=0.5, share=0.0004, kind="upper bound"),
    )


def findings() -> tuple[Finding, ...]:
    """Four things to change, ordered by share."""
    return (
        Finding(
            code="pool-exhausted",
            title="Five connections for forty requests a second",
            endpoint="GET /api/orders",
            where="shop/database.py:12",
            function="make_engine",
            statement="",
            relationship="",
            share=0.89,
            ms_per_request=1302.0,
            evidence={"pool_size": 5, "overflow": 0, "wait_p95_ms": 1940.3, "in_use_at_break": 5},
            fix="Hold a connection for less time first (see n-plus-one); then "
            "create_engine(url, pool_size=20, max_overflow=10, pool_timeout=2).",
            confidence=0.97,
            kind="exact",
        ),
        Finding(
            code="blocking-call",
            title="The password hash runs on the event loop",
            endpoint="POST /api/login",
            where="shop/auth.py:27",
            function="login",
            statement="",
            relationship="hashlib.pbkdf2_hmac",
            share=0.47,
            ms_per_request=178.4,
            evidence={"longest_block_ms": 203.0, "blocks_per_request": 1.0, "others_delayed_ms": 118.2},
            fix="await asyncio.to_thread(verify_password, password, user.password_hash)",
            confidence=0.94,
            kind="measured",
        ),
        Finding(
            code="n-plus-one",
            title="Every order loads its customer on its own",
            endpoint="GET /api/orders",
            where="shop/serializers.py:41",
            function="OrderSerializer.customer_name",
            statement="SELECT customers.id, customers.name, customers.email\nFROM customers\nWHERE customers.id = $1",
            relationship="Order.customer",
            share=0.41,
            ms_per_request=33.8,
            evidence={"queries_per_request": 101.0, "rows": 100, "ms_per_query": 0.241, "repeats": "1 + 100"},
            fix="select(Order).options(selectinload(Order.customer))\nOne query for all customers of the page.",
            confidence=0.99,
            kind="exact",
        ),
        Finding(
            code="dishonest-health-check",
            title="/health says all is well while users fail",
            endpoint="GET /health",
            where="shop/main.py:58",
            function="health",
            statement="",
            relationship="",
            share=0.0,
            ms_per_request=3.9,
            evidence={"failed_rate_users": 0.031, "failed_rate_probe": 0.0},
            fix="Let readiness borrow a connection from the pool with a short timeout and answer 503 when it cannot.",
            confidence=0.9,
            kind="measured",
        ),
    )


def metrics() -> dict[str, Metric]:
    """k6's metrics of the run, and one of the user's own."""
    trend = {"avg": 812.4, "min": 1.1, "med": 702.18, "max": 3402.0, "p(90)": 1804.9, "p(95)": 2314.72, "p(99)": 3120.4}
    return {
        "http_req_duration": Metric(type="trend", contains="time", values=trend),
        "http_req_waiting": Metric(type="trend", contains="time", values=trend),
        "http_req_failed": Metric(
            type="rate", contains="default", values={"rate": 0.031, "matches": 78, "total": 2514}
        ),
        "http_reqs": Metric(type="counter", contains="default", values={"count": 2514, "rate": 30.14}),
        "iteration_duration": Metric(type="trend", contains="time", values=trend | {"max": 63402.0}),
        "iterations": Metric(type="counter", contains="default", values={"count": 2514, "rate": 30.14}),
        "vus": Metric(type="gauge", contains="default", values={"value": 1, "min": 1, "max": 131}),
        "data_received": Metric(type="counter", contains="data", values={"count": 18_234_112, "rate": 218_634.4}),
        "data_sent": Metric(type="counter", contains="data", values={"count": 497_312, "rate": 5_963.0}),
        "cart_size": Metric(
            type="trend",
            contains="default",
            values={"avg": 3.70368, "min": 0, "med": 3, "max": 9, "p(90)": 6.666624, "p(95)": 7.036992},
        ),
    }


def healthy() -> RunDocument:
    """Ready: the same shop after the fixes."""
    calm = PhaseResult(
        users=44,
        rate=40.0,
        endpoints={
            name: msgspec.structs.replace(seen, p95_ms=seen.p95_ms * 1.2, p99_ms=seen.p99_ms * 1.3)
            for name, seen in localhost().endpoints.items()
        },
    )
    return msgspec.structs.replace(
        shop(),
        verdict=Verdict(status="ready", sentence="READY FOR 40 req/s (about 44 people) within p(95)<500."),
        monday=calm,
        capacity=Capacity(
            slo="p(95)<500",
            rate=Interval(low=40.0, high=None),
            users=Interval(low=44.0, high=None),
            limited_by="",
            kind="measured",
        ),
        health=Health(path="/health", failed_rate=0.0, p95_ms=2.0, honest=True),
        after=After(recovered=True, seconds=0.0),
        stairs=tuple(
            msgspec.structs.replace(
                stair, held=True, p50_ms=6.0, p95_ms=50.0 + stair.index, p99_ms=80.0, failed_rate=0.0
            )
            for stair in stairs()
        ),
        cried_first=(),
        blame=(),
        findings=(),
        story=(),
        suspect=None,
        checks=(CheckResult(name="status is 200", passes=2514, fails=0),),
        thresholds=(ThresholdResult(metric="http_req_duration", source="p(95)<500", ok=True, value=61.2),),
        notices=(),
    )


def black_box() -> RunDocument:
    """An URL: nobody inside the application, so no layers and no findings."""
    document = shop()
    return msgspec.structs.replace(
        document,
        git=None,
        target=TargetInfo(kind="url", command="http://127.0.0.1:8000", framework="", server="", database=""),
        observer=Observer(cpu_percent=None, records=0, dropped=0),
        localhost=without_layers(document.localhost),
        monday=without_layers(document.monday),
        stairs=tuple(msgspec.structs.replace(stair, layers_ms={}) for stair in document.stairs),
        capacity=msgspec.structs.replace(document.capacity, limited_by=""),
        health=None,
        cried_first=(),
        blame=(),
        findings=(),
        story=(),
        suspect=None,
        verdict=Verdict(status="not-ready", sentence="p(95)<500 stopped holding at 20 req/s (about 22 people)."),
    )


def without_layers(phase: PhaseResult) -> PhaseResult:
    """The same phase as a client sees it."""
    return msgspec.structs.replace(
        phase,
        endpoints={
            name: msgspec.structs.replace(seen, layers_ms={}, server_mean_ms=None, queries_per_request=None)
            for name, seen in phase.endpoints.items()
        },
    )


def interrupted() -> RunDocument:
    """Ctrl-C during localhost: no Monday, no stairs, nothing measured after."""
    return msgspec.structs.replace(
        shop(),
        seconds=7.9,
        interrupted=True,
        verdict=Verdict(status="not-proven", sentence="The run was interrupted before Monday."),
        monday=PhaseResult(),
        after=After(recovered=None, seconds=None),
        capacity=Capacity(
            slo="p(95)<500",
            rate=Interval(low=0.0, high=None),
            users=Interval(low=0.0, high=None),
            limited_by="",
            kind="cannot tell",
        ),
        health=Health(path="/health", failed_rate=0.0, p95_ms=1.1, honest=None),
        stairs=(),
        cried_first=(),
        blame=(),
        findings=(),
        story=(),
        suspect=None,
        checks=(),
        thresholds=(ThresholdResult(metric="http_req_duration", source="p(95)<500", ok=False, value=None),),
        metrics={},
    )


def untrustworthy() -> RunDocument:
    """The generator was the limit."""
    return msgspec.structs.replace(
        shop(),
        verdict=Verdict(
            status="not-proven", sentence="The generator was too late to say what the application carries."
        ),
        generator=Generator(
            trustworthy=False,
            slip_p99_ms=412.0,
            cpu_share=0.98,
            requests=51_240,
            cpu_us_per_request=61.8,
            reason="requests left up to 412 ms late (p99) because the generator's core was 98% busy",
        ),
        problems=(JourneyProblem(message="KeyError: 'id'", where="monday.py:14", count=3),),
    )


def hostile() -> RunDocument:
    """Every name is an attack on a renderer."""
    document = shop()
    nasty = (HOSTILE_SCRIPT, HOSTILE_IMAGE, HOSTILE_SURROGATE, HOSTILE_RTL, HOSTILE_ESCAPE)
    finding = document.findings[0]
    return msgspec.structs.replace(
        document,
        run=f"/tmp/{HOSTILE_SURROGATE}/{HOSTILE_SCRIPT}",
        verdict=Verdict(status="not-ready", sentence=f"{HOSTILE_IMAGE} broke"),
        roots=tuple(
            Root(layer=name, endpoint=name, ms=1.0, share=0.2, confidence=0.5, code="n-plus-one", where=name)
            for name in nasty
        ),
        localhost=PhaseResult(
            users=1, endpoints={name: endpoint(1, 0, (1.0, 2.0, 3.0, 4.0), {name: 1.0}) for name in nasty}
        ),
        monday=PhaseResult(
            users=44,
            rate=40.0,
            endpoints={name: endpoint(9, 1, (10.0, 20.0, 30.0, 40.0), {name: 20.0}) for name in nasty},
        ),
        cried_first=tuple(
            msgspec.structs.replace(document.cried_first[0], order=order, layer=name, sentence=name, endpoint=name)
            for order, name in enumerate(nasty, 1)
        ),
        findings=tuple(
            msgspec.structs.replace(
                finding,
                title=name,
                endpoint=name,
                where=f"{name}.py:1",
                function=name,
                statement=LONG_SQL + name,
                relationship=name,
                evidence={name: name, "nothing": None, "list": [1, {"deep": name}], "broken": float("nan")},
                fix=f"{name}\n{LONG_SQL}",
            )
            for name in nasty
        ),
        checks=tuple(CheckResult(name=name, passes=1, fails=1) for name in nasty),
        thresholds=tuple(ThresholdResult(metric=name, source=name, ok=False, value=float("inf")) for name in nasty),
        metrics={
            name: Metric(type="trend", contains="time", values={"avg": float("nan"), "p(95)": float("inf")})
            for name in nasty
        },
        story=nasty,
        notices=nasty,
    )


def grown() -> RunDocument:
    """The same shop once more with a thousand times the rows: its list is linear in them."""
    slow, run = "GET /api/orders", shop()
    sizes = [GrowthPoint(rows=10**number, ms=ms) for number, ms in enumerate((1.0, 1.8, 9.0, 80.0), 3)]
    executed = ((1_000, 0.5, 1.0), (1_000_000, 75.0, 40.0))
    inside = [GrowthPoint(rows=rows, ms=ms, executions=times) for rows, ms, times in executed]
    clone = Grown(
        database="postgresql",
        variable="DATABASE_URL",
        rows=1_000,
        after=1_000_000,
        tables={"orders": GrownTable(rows=900, after=999_900), "roles": GrownTable(rows=3, after=3)},
        proven=True,
        proof="pg_stat_database counts 12 sessions",
        localhost=run.localhost,
        monday=run.monday,
        held=False,
        growth=(
            Growth(
                endpoint=slow,
                shape="linear",
                exponent=0.97,
                low=0.9,
                high=1.1,
                times=80.0,
                layer="db_execute",
                points=tuple(sizes),
            ),
            Growth(endpoint="POST /api/login", shape="constant", times=1.0),
            Growth(
                endpoint=slow,
                statement="SELECT * FROM orders WHERE note LIKE ?",
                shape="linear",
                points=tuple(inside),
            ),
        ),
    )
    return msgspec.structs.replace(run, grown=clone)


SAMPLES = {
    "shop": shop,
    "grown": grown,
    "healthy": healthy,
    "black_box": black_box,
    "interrupted": interrupted,
    "untrustworthy": untrustworthy,
    "hostile": hostile,
}
