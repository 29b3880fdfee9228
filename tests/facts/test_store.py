"""Look-up as of a date, estimates from several sources, files that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from facts.conftest import chip, fact

from waterline.core.errors import InputError
from waterline.facts.document import parse_document
from waterline.facts.load import examine, load_base, read_files
from waterline.facts.store import FactBase

Write = Callable[..., Path]
TODAY = date(2026, 1, 1)


def quantiles(root: Path, name: str, day: date = TODAY) -> list[float]:
    entity, attribute = name.split(".")
    leaf = FactBase(load_base([root])).as_of(day).attribute(entity, attribute, None)
    assert leaf is not None
    return list(np.broadcast_to(leaf.distribution.quantile(np.array([0.05, 0.5, 0.95])), 3))


def test_shipped_facts_have_no_problem() -> None:
    assert examine(read_files())[1] == []


def test_shipped_facts_find_every_entity_by_its_own_names() -> None:
    facts = FactBase.load()
    for entity in facts.entities.values():
        for kind in entity.kinds:
            assert facts.entity(entity.id, kind).id == entity.id


def test_published_unit_is_converted(small: Write) -> None:
    root = small(a=chip("h1", bf16_flops=[fact("value: 989.4", "TFLOP/s")]))
    assert quantiles(root, "h1.bf16_flops") == pytest.approx([989.4e12] * 3)


def test_best_grade_alone_counts_and_its_disagreement_is_the_range(small: Write) -> None:
    rows = [
        fact(f"value: {value}", trust=trust) for value, trust in (("1.0e+14", "A"), ("2.0e+14", "A"), ("9.0e+14", "C"))
    ]
    assert quantiles(small(a=chip("h1", bf16_flops=rows)), "h1.bf16_flops") == pytest.approx([1e14, 1.5e14, 2e14])


def test_quotes_of_the_last_year_have_one_vote_per_provider(small: Write) -> None:
    rows = [
        fact(f"value: {price}", "USD/hour", valid=day, known=day, more=f"provider: {provider}")
        for price, day, provider in (
            (9, "2022-01-01", "old"), (2, "2025-06-01", "x"), (4, "2025-06-02", "x"), (5, "2025-07-01", "y"),
        )
    ]  # fmt: skip
    root = small(a=chip("h1", rental_price=rows))
    assert quantiles(root, "h1.rental_price")[0::2] == [3.0, 5.0]
    assert quantiles(root, "h1.rental_price", date(2023, 1, 1)) == [9.0] * 3


def test_only_what_was_known_counts_and_the_rest_is_named(small: Write) -> None:
    rows = [fact("value: 1", "count"), fact("value: 2", "count", valid="2025-01-01", known="2025-02-01")]
    known = FactBase(load_base([small(a=chip("h1", stock=rows))]))
    before = known.as_of(date(2025, 1, 31)).attribute("h1", "stock", None)
    after = known.as_of(date(2025, 2, 1)).attribute("h1", "stock", None)
    assert before is not None
    assert after is not None
    assert [citation.stated for citation in before.citations] == ["1 count"]
    assert [citation.stated for citation in before.left_out] == ["2 count"]
    assert [citation.stated for citation in after.citations] == ["2 count"]
    with pytest.raises(InputError, match="nothing was known as of 1999-01-01"):
        known.as_of(date(1999, 1, 1))


def test_assumption_stands_in_only_where_no_fact_is_known(small: Write) -> None:
    root = small(
        "chip.stock: {low: 1.0, high: 4.0, unit: count, reason: guess}\n",
        a=chip("h1", stock=[fact("value: 7", "count")]),
    )
    known = FactBase(load_base([root])).as_of(TODAY)
    assert quantiles(root, "h1.stock") == [7.0] * 3
    assert known.stated("h1", "bf16_flops", None) is None


def test_cache_is_never_stale(small: Write) -> None:
    first = quantiles(small(a=chip("h1", stock=[fact("value: 1", "count")])), "h1.stock")
    second = quantiles(small(a=chip("h1", stock=[fact("value: 2", "count")])), "h1.stock")
    assert (first[0], second[0]) == (1.0, 2.0)


def test_broken_cache_is_parsed_anew(small: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATERLINE_CACHE", str(tmp_path / "cache"))
    root = small(a=chip("h1", stock=[fact("value: 1", "count")]))
    load_base([root])
    for path in (tmp_path / "cache").glob("facts-*"):
        path.write_bytes(b"\x93half")
    assert quantiles(root, "h1.stock") == [1.0] * 3


GOOD = chip("h1", bf16_flops=[fact("value: 1.0e+14")])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source: sheet", "source: shete", "unknown source 'shete'"),
        ("FLOP/s", "kilogram", "'kilogram' cannot be converted to 'FLOP/s'"),
        ("FLOP/s", "2 +", "is not a unit"),
        ("1.0e+14", "1.0e+20", "lies outside"),
        ("1.0e+14", "1e14", "finite numbers"),
        ("1.0e+14", ".inf", "finite numbers"),
        ("value: 1.0e+14", "low: 3.0e+14, high: 2.0e+14", "upside down"),
        ("value: 1.0e+14", "value: 1.0e+14, low: 1.0e+14", "not both"),
        ("trust: A", "trust: D", "trust must be A, B or C"),
        ("known: 2024-01-01", "known: soon", "known must be YYYY-MM-DD"),
        ("bf16_flops", "bf16_flosp", "unknown attribute chip.bf16_flosp"),
        ("kind: chip", "kind: chap", "unknown kind 'chap'"),
        ("trust: A", "trust: A, colour: red", "unknown key 'colour'"),
        ("      - {", "      x: {", "not YAML|must be a list|expected"),
        ("kind: chip", "kind: chip\nkind: chip", "key 'kind' stands twice"),
        ("kind: chip", "kind: &a chip", "anchors and aliases"),
        ("kind: chip", "kind: !!python/object/apply:os.system ['true']", "tags are not allowed"),
        ("kind: chip", "kind: [" * 60, "nested deeper|not YAML"),
        ("kind: chip", "kind: 'chip", "not YAML"),
        ("kind: chip", "\x00", "not YAML"),
        ("entities:", "entities: 5\nother:", "expected a mapping"),
        ("    facts:", "    facts: 3\n    other:", "unknown key|expected a mapping"),
        ("    facts:", "    aliases: 5\n    facts:", "aliases must be a list"),
    ],
)
def test_wrong_file_is_refused_with_its_line(small: Write, old: str, new: str, message: str) -> None:
    assert old in GOOD
    _, problems = examine(read_files([small(a=GOOD.replace(old, new, 1))]))
    assert problems
    assert all(problem.startswith("facts/chip/a.yaml:") for problem in problems)
    import re

    assert re.search(message, "\n".join(problems)), problems


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a: 1\n" * 2_000_000, "4,000,000"),
        (b"[" * 100_000, "nested deeper"),
        (b"a: &a [x]\nb: [*a, *a]", "anchors and aliases"),
        (b"", "empty"),
        (b"- a", "mapping at its top"),
        (b"a: 1\n---\nb: 2\n", "x.yaml:2: a second document"),
        (b"a: 1" + b"0" * 400, "cannot read '10+' as int"),
    ],
)
def test_hostile_document_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_document(content, "x.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "x: {low: 2.0, high: 1.0, unit: USD, reason: r}",
        "x: {low: a, high: b, unit: USD, reason: r}",
        "x: {uniform: [1.0], unit: USD, reason: r}",
        "x: {discrete: 5, unit: USD, reason: r}",
        "x: {value: 1.0, unit: USD}",
        "x: 5",
        "x: {value: 1.0, unit: USD, reason: r, bounds: 7}",
        "correlations: [{first: a, second: b, rank: 2, reason: r}]",
        "correlations: 5",
    ],
)
def test_wrong_assumption_is_refused_with_its_line(small: Write, text: str) -> None:
    _, problems = examine(read_files([small(text + "\n", a=GOOD)]))
    assert [problem.split(":")[0] for problem in problems] == ["facts/assumptions/a.yaml"]
