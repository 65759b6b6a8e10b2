"""What an application reads and does not answer is told at its line, and what it shows is left alone."""

import json

QUICK = ("--localhost-time", "0.8", "--stair-time", "0.4", "--after-time", "0.2", "--observer-time", "0")
LOAD = ("articles_shop:app", "--users", "1", "--no-climb", "--think", "0.01", "--proof-time", "0", *QUICK)


def test_rows_and_columns_that_the_answer_cannot_contain_are_told_and_a_list_is_not(nineam, shop):
    outcome = nineam("run", *LOAD, "--json", "run.json", cwd=shop)
    assert outcome.code in {0, 4, 99}, outcome.err
    document = json.loads((shop / "run.json").read_text())
    found = {each["endpoint"]: each for each in document["findings"] if each["code"] == "over-fetching"}
    assert set(found) == {"GET /count", "GET /titles"}
    lines = (shop / "articles_shop.py").read_text().splitlines()
    line = lines[int(found["GET /count"]["where"].rpartition(":")[2]) - 1]
    assert "len(session.scalars(select(Article)).all())" in line
    assert found["GET /count"]["title"].startswith("2,000 rows are fetched for an answer of ")
    assert found["GET /titles"]["evidence"]["widest"][0].startswith("article.body ")
    assert "load_only" in found["GET /titles"]["fix"]
    others = {each["code"] for each in document["findings"] if each["endpoint"] == "GET /count"}
    assert "slow-query" not in others
