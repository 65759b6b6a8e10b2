"""The plan alone: how many times each table, what holds it, and which columns of its copies differ."""

import pytest

from nineam.errors import UsageError
from nineam.grow.plan import make_plan
from nineam.grow.schema import Column, Facts, ForeignKey, Schema, Table, UniqueSet
from nineam.grow.wish import Wish

NUMBERS = Facts(low=1, high=10)
BIG = 2**63 - 1


def column(name, kind="integer", **more):
    return Column(name=name, type=kind, kind=kind, largest=BIG if kind == "integer" else None, **more)


def table(name, columns, uniques=(("id",),), keys=(), rows=10):
    return Table(
        name=name,
        schema="",
        relation=name,
        columns=tuple(each if isinstance(each, Column) else column(each) for each in columns),
        uniques=tuple(UniqueSet(name=" ".join(each), columns=each) for each in uniques),
        foreign_keys=tuple(ForeignKey(columns=ours, parent=parent, referenced=theirs) for ours, parent, theirs in keys),
        rows=rows,
    )


def schema(*tables):
    facts = {each.name: {one.name: NUMBERS for one in each.columns if one.kind == "integer"} for each in tables}
    return Schema(tables={each.name: each for each in tables}, facts=facts)


def factors(tables, failed=None, **wish):
    return make_plan(schema(*tables), Wish(**wish), failed).factors


PARENT = table("parent", ["id", "x"])
CHILD = table("child", ["id", "parent_id"], keys=[(("parent_id",), "parent", ("id",))], rows=40)


def test_rows_are_of_the_whole_database():
    assert factors([PARENT, CHILD], rows=1000) == {"parent": 20, "child": 20}


def test_fewer_rows_than_there_are_is_refused_with_the_least_that_can_be_had():
    with pytest.raises(UsageError, match="50 rows already") as caught:
        factors([PARENT, CHILD], rows=60)
    assert "100 rows or more" in caught.value.hint


def test_children_follow_a_named_table_and_parents_do_not_follow_a_named_child():
    assert factors([PARENT, CHILD], like={"parent": 500}) == {"parent": 50, "child": 50}
    assert factors([PARENT, CHILD], like={"child": 400}) == {"parent": 1, "child": 10}


def test_a_child_that_grows_more_than_its_parent_shares_its_parents_copies_out():
    plan = make_plan(schema(PARENT, CHILD), Wish(like={"parent": 20, "child": 400}))
    assert plan.factors == {"parent": 2, "child": 10}


def test_one_to_one_cannot_outgrow_its_parent():
    one = table("one", ["parent_id"], [("parent_id",)], [(("parent_id",), "parent", ("id",))])
    plan = make_plan(schema(PARENT, one), Wish(times=30, keep=("parent",)))
    assert plan.factors == {"parent": 1, "one": 1}
    assert "(parent_id) is unique" in plan.tables["one"].why


def test_a_pair_of_references_is_as_unique_as_the_one_that_grows():
    kinds = table("kinds", ["id", "x"])
    pair = table(
        "pair",
        ["parent_id", "kind_id"],
        [("parent_id", "kind_id")],
        [(("parent_id",), "parent", ("id",)), (("kind_id",), "kinds", ("id",))],
    )
    assert factors([PARENT, kinds, pair], times=30, keep=("kinds",)) == {"parent": 30, "kinds": 1, "pair": 30}


def test_a_unique_truth_holds_its_table():
    truth = table("truth", ["id", column("main", "other")], [("id",), ("main",)])
    plan = make_plan(schema(PARENT, truth), Wish(times=3))
    assert plan.factors == {"parent": 3, "truth": 1}
    assert "(main) is unique" in plan.tables["truth"].why


def test_a_column_in_two_references_leads_to_one_row():
    """A tenant's order: the item's tenant must be the tenant of its order."""
    tenants = table("tenants", ["id", "x"])
    orders = table("orders", ["tenant_id", "number"], [("tenant_id", "number")], [(("tenant_id",), "tenants", ("id",))])
    items = table(
        "items",
        ["id", "tenant_id", "number"],
        keys=[(("tenant_id",), "tenants", ("id",)), (("tenant_id", "number"), "orders", ("tenant_id", "number"))],
    )
    tables = [tenants, orders, items]
    assert set(factors(tables, times=7).values()) == {7}
    mixed = make_plan(schema(*tables), Wish(like={"tenants": 60, "orders": 40, "items": 900}))
    assert len({factor for factor in mixed.factors.values() if factor > 1}) <= 1, mixed.factors


def test_a_key_has_no_more_room_than_the_narrowest_column_that_refers_to_it():
    narrow = Column(name="parent_id", type="smallint", kind="integer", largest=2**15 - 1)
    child = table("child", ["id", narrow], keys=[(("parent_id",), "parent", ("id",))])
    grandchild = table("grandchild", ["id", "child_id"], keys=[(("child_id",), "child", ("id",))])
    plan = make_plan(schema(PARENT, child, grandchild), Wish(times=10_000))
    assert plan.factors == {"parent": 3276, "child": 10_000, "grandchild": 10_000}
    assert plan.tables["parent"].why == "child.parent_id (smallint), which refers to it, has no room for more"
    assert factors([PARENT, child], times=10_000, keep=("child",)) == {"parent": 10_000, "child": 1}


def test_a_short_text_that_refers_to_a_long_one_limits_it_too():
    codes = Column(name="code", type="varchar(40)", kind="text", longest=40)
    short = Column(name="code", type="varchar(6)", kind="text", longest=6)
    whole = schema(
        table("codes", [codes, "x", "y"], [("code",)]),
        table("uses", ["id", short], keys=[(("code",), "codes", ("code",))]),
    )
    facts = {**whole.facts, "codes": {"code": Facts(longest=3, form="plain", tag="-")}}
    plan = make_plan(Schema(tables=whole.tables, facts=facts), Wish(times=1000))
    assert plan.factors == {"codes": 100, "uses": 1000}
    assert "uses.code (varchar(6))" in plan.tables["codes"].why


def test_what_failed_when_it_was_tried_stays_and_says_why():
    plan = make_plan(schema(PARENT, CHILD), Wish(times=5), {"parent": "its copies are refused"})
    assert plan.factors == {"parent": 1, "child": 5}
    assert plan.tables["parent"].why == "its copies are refused"


def test_a_circle_of_references_grows():
    left = table("left", ["id", "right_id"], keys=[(("right_id",), "right", ("id",))])
    right = table("right", ["id", "left_id"], keys=[(("left_id",), "left", ("id",))])
    assert factors([left, right], times=9) == {"left": 9, "right": 9}


def test_keys_that_refer_to_each_other_in_a_circle_hold_their_tables():
    left = table("left", ["id"], keys=[(("id",), "right", ("id",))])
    right = table("right", ["id"], keys=[(("id",), "left", ("id",))])
    assert set(factors([left, right, PARENT], times=9).values()) == {1, 9}


def test_nothing_that_can_grow_is_an_error_that_lists_the_reasons():
    with pytest.raises(UsageError, match="no table") as caught:
        factors([table("empty", ["id"], rows=0)], times=5)
    assert caught.value.details == ("empty: it is empty, so there is nothing to copy",)
