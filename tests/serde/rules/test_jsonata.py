"""JSONATA, with Confluent's client and with ours."""

from __future__ import annotations

import threading
from typing import Any

import pytest

MESSAGE = {"first": "Ada", "last": "L", "n": 3, "list": [1, 2], "none": None, "in": {"x": 1}}
ERROR = "SerializationError"


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("first & ' ' & last", "Ada L"),
        ("{'name': first, 'n': n + 1}", {"name": "Ada", "n": 4}),
        (
            "$merge([$sift($, function($v, $k) {$k != 'last'}), {'surname': last}])",
            {k: v for k, v in MESSAGE.items() if k != "last"} | {"surname": "L"},
        ),
        ("$", MESSAGE),
        ("$$.in.x", 1),
        ("list[0]", 1),
        ("list.($ * 2)", [2, 4]),
        ("[list.($ * 2)]", [2, 4]),
        ("{'all': list.($ + 1)}", {"all": [2, 3]}),
        ("$map(list, function($i) {$i + 1})", [2, 3]),
        ("missing", ERROR),
        ("none", ERROR),
        ("first & ", ERROR),
        ("$unknown(1)", ERROR),
        ("first + 1", ERROR),
        ("", ERROR),
    ],
)
def test_a_transformation(
    jsonata: Any, outcome: Any, failed: Any, expr: str, expected: Any
) -> None:
    got = outcome(MESSAGE, target=jsonata.schema(domain=[jsonata.rule(type="JSONATA", expr=expr)]))
    assert got == (failed(expected) if expected is ERROR else expected)


@pytest.mark.parametrize(
    ("expr", "holds"),
    [
        ("n > 2", True),
        ("n > 3", False),
        ("missing", False),
        ("first", True),
        ("list[$ > 5]", False),
    ],
)
def test_a_condition(jsonata: Any, outcome: Any, failed: Any, expr: str, holds: bool) -> None:
    rule = jsonata.rule(type="JSONATA", kind="CONDITION", expr=expr)
    got = outcome(MESSAGE, target=jsonata.schema(domain=[rule]))
    assert got == (MESSAGE if holds else failed(ERROR))


def test_what_json_has_not_is_refused(jsonata: Any, outcome: Any, failed: Any) -> None:
    target = jsonata.schema(domain=[jsonata.rule(type="JSONATA", expr="$")])
    assert outcome({"b": b"x"}, target=target) == failed(ERROR)


def test_a_message_goes_up_and_down_again(jsonata: Any) -> None:
    up = jsonata.rule(
        name="up",
        type="JSONATA",
        mode="UPGRADE",
        expr="$merge([$sift($, function($v, $k) {$k != 'size'}), {'height': size}])",
    )
    down = jsonata.rule(
        name="down",
        type="JSONATA",
        mode="DOWNGRADE",
        expr="$merge([$sift($, function($v, $k) {$k != 'height'}), {'size': height}])",
    )
    history = [jsonata.version(1), jsonata.version(2, migration=[up, down])]
    old, new = {"name": "a", "size": 1}, {"name": "a", "height": 1}
    assert jsonata.migrate(old, history, writer=1, reader=2) == new
    assert jsonata.migrate(new, history, writer=2, reader=1) == old


LOOP = "($f := function($n) {$n = 0 ? 0 : 1 + $f($n - 1)}; {'x': $f(n)})"


def test_depth_is_bounded(ours: Any) -> None:
    rule = ours.rule(type="JSONATA", expr=LOOP)
    assert ours.run({"n": 10}, target=ours.schema(domain=[rule])) == {"x": 10}
    with pytest.raises(ours.SerializationError):
        ours.run({"n": 5000}, target=ours.schema(domain=[rule]))
    shallow = ours.rule(type="JSONATA", expr=LOOP, params={"jsonata.max.depth": "20"})
    with pytest.raises(ours.SerializationError):
        ours.run({"n": 10}, target=ours.schema(domain=[shallow]))


def test_time_is_bounded(ours: Any) -> None:
    endless = "($f := function($n) {$f($n + 1)}; $f(1))"
    rule = ours.rule(type="JSONATA", expr=endless, params={"jsonata.timeout.ms": "50"})
    with pytest.raises(ours.SerializationError):
        ours.run({}, target=ours.schema(domain=[rule]))


def test_the_bounds_begin_anew_for_each_message(ours: Any) -> None:
    rule = ours.rule(type="JSONATA", expr=LOOP, params={"jsonata.max.depth": "200"})
    target = ours.schema(domain=[rule])
    assert [ours.run({"n": 5}, target=target) for _ in range(50)] == [{"x": 5}] * 50


def test_a_bound_must_be_a_number(ours: Any) -> None:
    rule = ours.rule(type="JSONATA", expr="n", params={"jsonata.max.depth": "deep"})
    with pytest.raises(ours.SerializationError, match="must be a number, not 'deep'"):
        ours.run(MESSAGE, target=ours.schema(domain=[rule]))


def test_variables_are_gone_with_the_message(ours: Any) -> None:
    rule = ours.rule(type="JSONATA", expr="{'seen': $x, 'set': ($x := n; $x)}")
    assign = ours.rule(type="JSONATA", expr="$x := {'n': n}")
    for n in (1, 2):
        assert ours.run({"n": n}, target=ours.schema(domain=[assign])) == {"n": n}
        assert ours.run({"n": n}, target=ours.schema(domain=[rule])) == {"set": n}


def test_threads_share_an_expression(ours: Any) -> None:
    target = ours.schema(domain=[ours.rule(type="JSONATA", expr="{'n': $$.n, 'm': list.($$.n)}")])
    wrong = []

    def work(number: int) -> None:
        for _ in range(50):
            got = ours.run({"n": number, "list": [1, 2]}, target=target)
            if got != {"n": number, "m": [number, number]}:
                wrong.append(got)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_lists_are_of_pythons_own_type(ours: Any) -> None:
    rule = ours.rule(type="JSONATA", expr="{'all': list.($ + 1), 'in': [[list.($ + 1)]]}")
    got = ours.run(MESSAGE, target=ours.schema(domain=[rule]))
    assert {type(got["all"]), type(got["in"]), type(got["in"][0])} == {list}


def test_long_expressions_are_refused(ours: Any) -> None:
    rule = ours.rule(type="JSONATA", expr=" " * 65536 + "n")
    with pytest.raises(ours.SerializationError, match="longer than 65536 characters"):
        ours.run(MESSAGE, target=ours.schema(domain=[rule]))


def test_expressions_are_kept_up_to_a_number(ours: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ours.module("rules.jsonata.jsonata_executor")
    monkeypatch.setattr(module, "MAX_PROGRAMS", 2)
    executor = module.JsonataExecutor()
    first = executor._compiled("1")  # noqa: SLF001 - the bound is what is tested
    executor._compiled("2")  # noqa: SLF001
    executor._compiled("1")  # noqa: SLF001
    executor._compiled("3")  # noqa: SLF001
    assert executor._compiled("1") is first  # noqa: SLF001
    assert len(executor._kept) == 2  # noqa: SLF001
