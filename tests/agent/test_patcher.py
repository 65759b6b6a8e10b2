"""What is put in place of a function cannot be told from it, and goes away again."""

import asyncio
import inspect
import types
import warnings
from importlib import import_module
from typing import Any

import pytest

patching: Any = import_module("nineam.agent.patcher")


def around(original):
    def wrapper(*args, **kwargs):
        return original(*args, **kwargs)

    return wrapper


def around_async(original):
    async def wrapper(*args, **kwargs):
        return await original(*args, **kwargs)

    return wrapper


class Library:
    def warns(self, level=2):
        warnings.warn("old", DeprecationWarning, stacklevel=level)

    async def warns_async(self):
        warnings.warn("old", DeprecationWarning, stacklevel=2)

    @classmethod
    def warns_of_class(cls):
        warnings.warn("old", DeprecationWarning, stacklevel=2)


@pytest.fixture
def patcher():
    made = patching.Patcher()
    yield made
    made.undo()


def line_warned_of(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [(one.filename, one.lineno) for one in caught]


async def awaits():
    await Library().warns_async()


CALLS = {
    "warns": lambda: Library().warns(),
    "warns_of_class": lambda: Library.warns_of_class(),  # noqa: PLW0108 - looked up when called
    "warns_async": lambda: asyncio.run(awaits()),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_warning_is_at_the_same_line_as_without(patcher, name):
    before = line_warned_of(CALLS[name])
    patcher.wrap(Library, name, around_async if name == "warns_async" else around)
    assert line_warned_of(CALLS[name]) == before
    assert before[0][0] == __file__


def test_wrappers_of_one_kind_do_not_share_their_code(patcher):
    plain = around(Library.warns)
    patcher.wrap(Library, "warns", around)
    assert vars(Library)["warns"].__code__ is not plain.__code__
    assert around(Library.warns).__code__ is plain.__code__


def test_name_signature_and_kind_are_those_of_the_function(patcher):
    before = {name: (value, shape(value)) for name, value in vars(Library).items() if name in CALLS}
    for name in CALLS:
        patcher.wrap(Library, name, around_async if name == "warns_async" else around)
        assert vars(Library)[name] is not before[name][0]
        assert shape(vars(Library)[name]) == before[name][1]
    patcher.undo()
    assert all(vars(Library)[name] is value for name, (value, _) in before.items())


def shape(value):
    function = value.__func__ if isinstance(value, classmethod) else value
    assert isinstance(function, types.FunctionType)
    return type(value), function.__qualname__, inspect.signature(function), inspect.iscoroutinefunction(function)
