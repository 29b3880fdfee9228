"""``waterline explain``: the tree under a number, and which inputs matter most."""

from __future__ import annotations

import argparse
from typing import Any

from waterline.cli import options


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("explain", parents=[shared], help="the formulas, values and sources under a number")
    parser.add_argument("quantity", metavar="QUANTITY", help="a quantity, an assumption, or ENTITY.ATTRIBUTE")
    parser.add_argument("bindings", nargs="*", metavar="ROLE=ENTITY", help=options.BINDING)
    parser.add_argument("--depth", type=int, metavar="N", help="levels of inputs to show (default: all)")
    options.add_strict(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Explain and print."""
    from waterline.cli import output
    from waterline.core.errors import InputError
    from waterline.questions.session import default_session

    if arguments.depth is not None and arguments.depth < 0:
        raise InputError(f"--depth must not be negative, not {arguments.depth}")
    terms = options.scenario(arguments, options.pairs(arguments.bindings, "a binding"))
    inquiry = default_session().inquiry(terms)
    answer = inquiry.ask(arguments.quantity)
    if arguments.strict:
        inquiry.refuse_assumed_individuals(answer)
    found = answer.explanation(arguments.depth)
    options.report_notes(inquiry, answer)
    if arguments.json:
        output.print_json(found)
        return 0
    _print_tree(found["tree"], "")
    if answer.influences:
        print("\nwhich inputs matter most (share of the variance; the answer when the input is low and high):")
        for influence in answer.influences[:10]:
            low, high = output.number(influence.when_low), output.number(influence.when_high, answer.unit)
            print(f"  {influence.share:5.0%}  {influence.name}: {low} … {high}")
    output.print_left_out(answer.left_out)
    return 0


def _print_tree(entry: dict[str, Any], indent: str) -> None:
    from waterline.cli import output
    from waterline.core.answer import Summary

    value = entry.get("text")
    if value is None:
        value = output.estimate(Summary(entry["median"], entry["p05"], entry["p95"], entry["median"]), entry["unit"])
    argument = entry.get("argument", entry["name"])
    as_argument = "" if entry["name"].endswith(argument) else f"{argument}: "
    print(f"{indent}{as_argument}{entry['name']} = {value}")
    if entry["formula"]:
        print(f"{indent}    {entry['formula']}")
    for source in entry.get("source", []):
        print(
            f"{indent}    fact [{source['trust']}] {source['stated']}: {source['title']}, {source['publisher']}, "
            f"known {source['known']}  {source['url']}"
        )
    if "assumption" in entry:
        mark = "set" if entry["assumption"]["chosen"] else "assumption"
        print(f"{indent}    {mark}: {entry['assumption']['reason']}")
    if "more" in entry:
        print(f"{indent}    … {entry['more']} inputs below")
    for below in entry["inputs"]:
        _print_tree(below, indent + "  ")
