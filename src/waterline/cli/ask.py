"""``waterline ask``: one number."""

from __future__ import annotations

import argparse
from typing import Any

from waterline.cli import options

FEW = 3  # observations of one attribute that are worth a line each


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("ask", parents=[shared], help="one number, with its range and sources")
    parser.add_argument("quantity", metavar="QUANTITY", help="a quantity, an assumption, or ENTITY.ATTRIBUTE")
    parser.add_argument("bindings", nargs="*", metavar="ROLE=ENTITY", help=options.BINDING)
    options.add_strict(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Answer and print."""
    from waterline.cli import output
    from waterline.questions.session import default_session

    terms = options.scenario(arguments, options.pairs(arguments.bindings, "a binding"))
    inquiry = default_session().inquiry(terms)
    answer = inquiry.ask(arguments.quantity)
    if arguments.strict:
        inquiry.refuse_assumed_individuals(answer)
    if arguments.json:
        document = answer.to_dict()
        options.report_notes(inquiry, answer)
        output.print_json(document)
        return 0
    label = answer.node.quantity.label if answer.node.quantity else ""
    print(f"{answer.quantity} = {output.estimate(answer.summary, answer.unit)}")
    if label:
        print(f"  {label}")
    bound = "  ".join(f"{role}={entity}" for role, entity in answer.bindings.items())
    print(f"  {bound}  as of {answer.as_of}".rstrip())
    by_fact: dict[str, list[Any]] = {}
    for citation in answer.citations:
        by_fact.setdefault(citation.fact, []).append(citation)
    for name, citations in by_fact.items():
        for citation in citations[:FEW]:
            print(f"  fact        {output.citation_line(citation)}")
        if len(citations) > FEW:
            print(f"  fact        {name}: {len(citations) - FEW} more observations ('waterline facts show {name}')")
    for leaf in answer.leaves:
        if leaf.is_assumption:
            centre = output.estimate(leaf_summary(leaf), leaf.unit)
            print(f"  assumption  {leaf.name} = {centre}: {leaf.reason}")
    output.print_left_out(answer.left_out)
    options.report_notes(inquiry, answer)
    return 0


def leaf_summary(leaf: Any) -> Any:
    """Summary of an assumption's own distribution."""
    from waterline.core.records import assumption_record
    from waterline.core.summary import Summary

    record = assumption_record(leaf)
    return Summary(record["value"], record["p05"], record["p95"], record["value"])
