"""``waterline facts``: search, show, check and extend what is known."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from waterline.cli import facts_add, facts_refresh

if TYPE_CHECKING:
    from waterline.facts.record import Fact
    from waterline.facts.series import Series, Value
    from waterline.facts.store import FactBase, KnownFacts

_ROWS = 40


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb and its own commands."""
    parser = subparsers.add_parser("facts", help="search, show, check and add cited values")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=type(parser))
    finding = commands.add_parser("find", parents=[shared], help="search ids, names, attributes, meanings, sources")
    finding.add_argument("text", nargs="+", metavar="TEXT")
    finding.add_argument("--limit", type=int, default=_ROWS, metavar="N", help=f"rows to print (default {_ROWS})")
    finding.set_defaults(run=run_find)
    showing = commands.add_parser("show", parents=[shared], help="every fact about an entity or one attribute of it")
    showing.add_argument("name", metavar="ENTITY[.ATTRIBUTE]")
    showing.set_defaults(run=run_show)
    checking = commands.add_parser("check", parents=[shared], help="errors and doubts in the fact files")
    checking.set_defaults(run=run_check)
    sources = commands.add_parser("sources", parents=[shared], help="documents that facts are taken from")
    sources.add_argument("text", nargs="*", metavar="TEXT")
    sources.set_defaults(run=run_sources)
    facts_add.register(commands, shared)
    facts_refresh.register(commands, shared)


def run_find(arguments: argparse.Namespace) -> int:
    """Print the series that match, with their values on the date."""
    from waterline.cli import output
    from waterline.core.errors import InputError
    from waterline.facts.present import assumed_value, search_record
    from waterline.facts.search import find, find_assumptions

    if arguments.limit < 1:
        raise InputError(f"--limit must be at least 1, not {arguments.limit}")
    known = _known(arguments)
    text = " ".join(arguments.text)
    if arguments.json:
        output.print_json(search_record(known, text, arguments.limit))
        return 0
    matches, assumptions = find(known, text), find_assumptions(known, text)
    rows = [match.series for match in matches[: arguments.limit]]
    if not matches and not assumptions:
        print(f"nothing matches {text!r}; entities have kinds {', '.join(sorted(known.facts.attributes))}")
    width = max((len(series.name) for series in rows), default=0)
    for series in rows:
        mark = "" if series.facts else "  (assumption)" if series.leaf else ""
        print(f"{series.name:<{width}}  {_value(series.value, series.attribute.unit)}{mark}")
    if len(matches) > len(rows):
        print(f"… and {len(matches) - len(rows)} more: add a word, or --limit {len(matches)}")
    for assumption in assumptions[: arguments.limit]:
        print(
            f"assumption {assumption.name}  {_value(assumed_value(assumption), assumption.unit)}: "
            f"{plain(assumption.reason)}"
        )
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print every fact about an entity, or about one attribute of it."""
    from waterline.cli import output
    from waterline.facts.present import series_record
    from waterline.facts.series import Series, locate, series_of

    known = _known(arguments)
    base = known.facts
    if arguments.name in base.assumptions and arguments.name.rpartition(".")[0] not in base.entities:
        return _show_assumption(known, arguments.name, arguments.json)
    entity, attribute = locate(base, arguments.name)
    shown = list(series_of(known, entity)) if attribute is None else [Series(known, entity, attribute)]
    asked = arguments.name if attribute is None else arguments.name.rpartition(".")[0]
    if asked != entity.id:
        print(f"note: {asked!r} is {entity.id}", file=sys.stderr)
    if arguments.json:
        output.print_json(
            {
                "entity": entity.id,
                "name": entity.name,
                "kinds": list(entity.kinds),
                "aliases": list(entity.aliases),
                "as_of": known.day.isoformat(),
                "attributes": [series_record(base, series) for series in shown],
            }
        )
        return 0
    print(f"{entity.id}: {plain(entity.name)} ({' and '.join(entity.kinds)}), as of {known.day}")
    for series in shown:
        _print_series(base, series)
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Print what is wrong or doubtful; exit code 2 when something is wrong."""
    from waterline.cli import output
    from waterline.facts.check import check
    from waterline.facts.load import read_files
    from waterline.questions.session import today

    findings = check(read_files(), arguments.as_of or today())
    errors = sum(finding.severity == "error" for finding in findings)
    counts = f"{errors} errors, {len(findings) - errors} warnings"
    if arguments.json:
        records = [
            {"severity": finding.severity, "rule": finding.rule, "place": finding.place, "text": finding.text}
            for finding in findings
        ]
        output.print_json({"errors": errors, "warnings": len(findings) - errors, "findings": records})
    else:
        for finding in findings:
            place = f"{finding.place}: " if finding.place else ""
            print(f"{finding.severity}: {place}{plain(finding.text)} [{finding.rule}]")
        print(counts)
    if errors:
        print(f"waterline: the fact base has {counts}", file=sys.stderr)
    return 2 if errors else 0


def run_sources(arguments: argparse.Namespace) -> int:
    """Print sources, each with the number of facts that cite it."""
    from waterline.cli import output
    from waterline.facts.present import source_row
    from waterline.facts.search import find_sources
    from waterline.facts.store import FactBase

    text = " ".join(arguments.text)
    found = find_sources(FactBase.load(), text)
    if arguments.json:
        output.print_json(
            {"text": text, "sources": [{**source_row(source), "facts": count} for source, count in found]}
        )
        return 0
    if not found:
        print(f"no source matches {text!r}")
    for source, count in found:
        print(
            f"{source.id}: {plain(source.title)}, {plain(source.publisher)}, {source.date}, {count} facts  {source.url}"
        )
    return 0


def plain(text: str) -> str:
    """Text from a file as one line."""
    return " ".join(text.split())


def _known(arguments: argparse.Namespace) -> KnownFacts:
    from waterline.facts.store import FactBase
    from waterline.questions.session import today

    return FactBase.load().as_of(arguments.as_of or today())


def _value(value: Value | None, unit: str) -> str:
    from waterline.cli import output
    from waterline.core.answer import Summary

    if value is None:
        return "unknown on this date"
    if value.median is None or value.p05 is None or value.p95 is None:
        return plain(value.text or "")
    return output.estimate(Summary(value.median, value.p05, value.p95, value.median), unit)


def _show_assumption(known: KnownFacts, name: str, as_json: bool) -> int:
    """Print an assumption in its version of the day, with those before and after it."""
    from waterline.cli import output
    from waterline.facts.present import assumed_value, assumption_record

    record = assumption_record(known, name)
    if as_json:
        output.print_json(record)
        return 0
    counted = known.facts.assumed(name, known.day)
    print(f"{name} = {_value(None if counted is None else assumed_value(counted), known.facts.assumptions[name].unit)}")
    for row in record["versions"]:
        since = f"since {row['known']}" if row["known"] else "on any day"
        mark = "  counts" if row["counts"] else ""
        print(f"  assumption {since} ({row['place']}): {plain(row['reason'])}{mark}")
    return 0


def _print_series(base: FactBase, series: Series) -> None:
    print(f"\n{series.name} = {_value(series.value, series.attribute.unit)}")
    print(f"  {plain(series.attribute.meaning)}; {series.rule}")
    if not series.facts and series.leaf is not None:
        print(f"  assumption: {plain(series.leaf.reason)}")
    for fact in series.facts:
        _print_fact(base, fact, "counts" if fact in series.counted else "      ")
    for fact in series.left_out:
        _print_fact(base, fact, "left out, known only later:")


def _print_fact(base: FactBase, fact: Fact, mark: str) -> None:
    source = base.sources[fact.source]
    details = [text for text in (fact.where, fact.provider, fact.term, fact.note) if text]
    extra = f" ({plain('; '.join(details))})" if details else ""
    print(f"  {mark} {plain(fact.stated)}  [{fact.trust}] valid {fact.valid}, known {fact.known}{extra}")
    print(f"         {plain(source.title)}, {plain(source.publisher)}  {source.url}  {fact.place}")
