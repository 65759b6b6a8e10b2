"""The flamegraph of the page: its data, its bounds, its safety, and the page in a real browser."""

import itertools
import json
import re
from base64 import b64encode
from hashlib import sha256

import msgspec
import pytest
import sample
from benchmarks.chromium import chromium, tab
from benchmarks.flame_browser import ACTIONS, took
from benchmarks.flames import document, flame, large, shop

from nineam.model import Sampler
from nineam.report.data import render_json
from nineam.report.html import render_html

GENEROUS_MS = 1000
HOSTILE_NAMES = (sample.HOSTILE_SCRIPT, sample.HOSTILE_IMAGE, sample.HOSTILE_SURROGATE, sample.HOSTILE_RTL)


def hostile():
    stack = tuple(f"{name} (a{name}.py:1)" for name in HOSTILE_NAMES)
    layers = {f"middleware:{sample.HOSTILE_SCRIPT}": (3.0, ((stack, 2),))}
    run = document(tuple(flame(name, phase, 2, layers) for name in HOSTILE_NAMES for phase in ("localhost", "monday")))
    return msgspec.structs.replace(run, sampler=Sampler(kind="<b>", hz=1, reason=sample.HOSTILE_SCRIPT))


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="flame-data">(.*?)</script>', page, re.S)[1])


def boxes(data, endpoint, phase):
    """Every box of a flame as (path, ms, samples)."""
    found, path = [], []
    drawn = next(one for one in data["flames"] if (one["endpoint"], one["phase"]) == (endpoint, phase))
    for name, depth, size, samples in zip(*[iter(drawn["boxes"])] * 4, strict=True):
        path[depth:] = [data["names"][name]]
        found.append((tuple(path), size / 10_000, samples))
    return found


def test_the_first_level_is_the_endpoint_the_second_its_layers_exactly():
    found = boxes(data_of(render_html(shop())), 0, "monday")
    assert found[0][0] == ("GET /api/orders",)
    layers = {path[1]: ms for path, ms, _ in found if len(path) == 2}
    assert layers == pytest.approx(
        {"db_execute": 45.0, "orm": 11.0, "hydration": 6.0, "serializer": 9.1, "view": 1.7, "server_wait": 2.2,
         "middleware:RequestLogMiddleware": 0.7, "framework": 0.9, "unattributed": 0.4, "pool_wait": 92.0,
         "loop_lag": 28.0}
    )  # fmt: skip
    assert found[0][1] == pytest.approx(sum(layers.values()))


def test_what_is_inside_a_box_never_takes_more_than_the_box():
    found = boxes(data_of(render_html(shop())), 0, "monday")
    sizes = {path: ms for path, ms, _ in found}
    for path, ms in sizes.items():
        assert sum(inner for other, inner in sizes.items() if other[:-1] == path) <= ms + 0.001


def test_a_layer_without_samples_has_none_inside():
    found = boxes(data_of(render_html(shop())), 0, "monday")
    assert [(path, samples) for path, _, samples in found if "loop_lag" in path] == [
        (("GET /api/orders", "loop_lag"), 0)
    ]


@pytest.mark.parametrize("run", [shop(), large(300, 3), hostile()], ids=["shop", "large", "hostile"])
def test_only_the_page_s_own_script_may_run(run):
    page = render_html(run)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.S)
    assert [attributes for attributes, _ in scripts] == [' type="application/json" id="flame-data"', ""]
    allowed = b64encode(sha256(scripts[1][1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'\"" in page
    assert not re.search(r"\b(eval|Function|innerHTML|fetch|import)\b", scripts[1][1])


def test_hostile_names_stay_text():
    page = render_html(hostile())
    assert "<img" not in page
    assert page.count("<script") == page.count("</script") == 2
    assert not set(page) & {"\x1b", "\x00", "\u202e", "\udce9"}
    assert "&lt;b&gt;" in page
    assert sample.HOSTILE_IMAGE in data_of(page)["names"]


def test_without_flames_the_page_has_no_script():
    assert "<script" not in render_html(sample.shop())
    assert "script-src" not in render_html(sample.shop())


def test_a_run_with_too_many_boxes_keeps_the_largest_and_says_so():
    page = render_html(large(6000, 12))
    data = data_of(page)
    assert len(page.encode()) < 2_000_000
    assert all(one["cut"] > 0 for one in data["flames"])
    for one in data["flames"]:
        depths = one["boxes"][1::4]
        assert all(after <= before + 1 for before, after in itertools.pairwise(depths))


def test_many_endpoints_are_cut():
    run = document(tuple(flame(f"GET /{number}", "monday", 9, {"view": (1.0, ())}) for number in range(200)))
    page = render_html(run)
    assert "140 endpoints that took less time" in page
    assert "There are no stack samples" in page


def test_the_reason_for_no_samples_is_told():
    reason = "the application handles SIGALRM itself"
    run = msgspec.structs.replace(
        document((flame("GET /", "monday", 1, {"view": (1.0, ())}),)), sampler=Sampler(reason=reason)
    )
    assert f"There are no stack samples: {reason}, so" in render_html(run)


def test_the_flames_are_not_part_of_the_json():
    value = json.loads(render_json(shop()))
    assert "flames" not in value
    assert value["sampler"] == {"kind": "sigalrm", "hz": 199.0, "reason": ""}


# --- in a browser ---

needs_browser = pytest.mark.skipif(chromium() is None, reason="there is no Chromium")


@pytest.fixture(scope="module")
def browser():
    with tab() as page:
        page.size(1280, 900)
        yield page


def opened(browser, tmp_path, run):
    path = tmp_path / "report.html"
    path.write_text(render_html(run))
    browser.said.clear()
    browser.open(path)
    return browser


def text(page, selector):
    return page.run(f"document.querySelector({json.dumps(selector)}).textContent")


def press(page, key):
    event = f"new KeyboardEvent('keydown', {{key: {key!r}, bubbles: true}})"
    page.run(f"document.querySelector('#flame-canvas').dispatchEvent({event})")


def mouse(page, kind, x, row):
    """Point at a share of the width and a row from the top."""
    where = f"{{bubbles: true, clientX: r.x + r.width * {x}, clientY: r.y + {row} * 20 + 10}}"
    canvas = "const c = document.querySelector('#flame-canvas'), r = c.getBoundingClientRect();"
    page.run(f"(() => {{ {canvas} c.dispatchEvent(new MouseEvent({kind!r}, {where})) }})()")


@needs_browser
def test_pointing_clicking_searching_and_keys_in_a_browser(browser, tmp_path):
    page = opened(browser, tmp_path, shop())
    assert page.said == []
    page.run("document.querySelector('#flame-endpoint').value = '0'")
    page.run("document.querySelector('#flame-endpoint').dispatchEvent(new Event('change'))")
    assert text(page, "#flame-detail b") == "GET /api/orders"
    assert "197 ms per request" in text(page, "#flame-detail span")
    mouse(page, "mousemove", 0.5, 3)
    assert text(page, "#flame-detail b") == "OrderOut.of"
    assert text(page, "#flame-detail span").startswith(
        "shop/serializers.py:24 \u00b7 in db_execute \u00b7 about 41.2 ms"
    )
    mouse(page, "click", 0.5, 1)
    assert text(page, "#flame-detail b") == "db_execute"
    assert "layer \u00b7 45 ms per request" in text(page, "#flame-detail span")
    mouse(page, "mousemove", 0.99, 1)
    assert text(page, "#flame-detail b") == "db_execute"
    press(page, "ArrowUp")
    assert text(page, "#flame-detail b") == "GET /api/orders"
    press(page, "Escape")
    for key in ("ArrowDown", "ArrowDown"):
        press(page, key)
    assert text(page, "#flame-detail b") == "list_orders"
    page.run(
        "const s = document.querySelector('#flame-search'); s.value = 'PSYCOPG'; s.dispatchEvent(new Event('input'))"
    )
    assert text(page, "#flame-found") == "45 ms match, 22.8% of the whole"
    page.run("document.querySelector('#flame-reset').click()")
    assert text(page, "#flame-found") == ""


@needs_browser
def test_the_difference_says_what_localhost_took(browser, tmp_path):
    page = opened(browser, tmp_path, shop())
    page.run("document.querySelector('[data-view=difference]').click()")
    press(page, "ArrowDown")
    assert text(page, "#flame-detail b") == "GET /api/orders"
    press(page, "ArrowDown")
    assert text(page, "#flame-detail b") == "pool_wait"
    assert "against localhost" in text(page, "#flame-detail span")
    assert "Red takes longer" in text(page, "#flame-note")


@needs_browser
def test_few_samples_are_no_difference_but_a_layer_is_exact(browser, tmp_path):
    few, other = ((("a (a.py:1)",), 3), (("b (a.py:2)",), 2)), ((("a (a.py:1)",), 4), (("b (a.py:2)",), 1))
    page = opened(browser, tmp_path, document((
        flame("GET /", "localhost", 9, {"view": (10.0, few)}), flame("GET /", "monday", 9, {"view": (11.0, other)}),
    )))  # fmt: skip
    page.run("document.querySelector('[data-view=difference]').click()")
    press(page, "ArrowDown")
    assert "+1 ms against localhost" in text(page, "#flame-detail span")
    press(page, "ArrowDown")
    assert "too few samples to tell from localhost" in text(page, "#flame-detail span")


@needs_browser
def test_hostile_names_do_nothing_in_a_browser(browser, tmp_path):
    page = opened(browser, tmp_path, hostile())
    assert page.said == []
    assert page.run("document.querySelectorAll('img, script').length") == 2
    assert page.run("document.querySelectorAll('#flame-endpoint option').length") == 1 + len(HOSTILE_NAMES)


@needs_browser
def test_five_thousand_boxes_answer_quickly(browser, tmp_path):
    page = opened(browser, tmp_path, large(5000))
    for action in ACTIONS.values():
        assert took(page, action) < GENEROUS_MS
