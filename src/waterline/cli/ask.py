"""``waterline ask``: one number."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from waterline.cli import options

if TYPE_CHECKING:
    from waterline.core.answer import Answer
    from waterline.core.knowledge import Citation, Leaf

MANY = 30  # facts and assumptions from which only some are listed
MOST_LISTED = 12
LEAST_SHARE = 0.01  # of the variance; below it a share is noise
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
    _print_inputs(answer, arguments)
    output.print_left_out(answer.left_out)
    options.report_notes(inquiry, answer)
    return 0


def _print_inputs(answer: Answer, arguments: argparse.Namespace) -> None:
    """Every fact and assumption under the answer, or those that move it most where they are many."""
    leaves = answer.leaves
    if len(leaves) <= MANY:
        _print_leaves(leaves)
        return
    shares = {found.name: found.share for found in answer.influences[:MOST_LISTED] if found.share >= LEAST_SHARE}
    print(f"  of {len(leaves)} facts and assumptions, what moves it most:")
    _print_leaves(sorted((leaf for leaf in leaves if leaf.name in shares), key=lambda leaf: -shares[leaf.name]))
    asked = " ".join([arguments.quantity, *arguments.bindings])
    print(f"  all of them: 'waterline explain {asked}', or --json")


def _print_leaves(leaves: list[Leaf]) -> None:
    """Facts, each observation once however many dates it is read at, then assumptions."""
    from waterline.cli import output

    by_fact: dict[str, list[Citation]] = {}
    for citation in dict.fromkeys(citation for leaf in leaves for citation in leaf.citations):
        by_fact.setdefault(citation.fact, []).append(citation)
    for name, citations in by_fact.items():
        for citation in citations[:FEW]:
            print(f"  fact        {output.citation_line(citation)}")
        if len(citations) > FEW:
            print(f"  fact        {name}: {len(citations) - FEW} more observations ('waterline facts show {name}')")
    for leaf in leaves:
        if leaf.is_assumption:
            centre = output.estimate(leaf_summary(leaf), leaf.unit)
            print(f"  assumption  {leaf.name} = {centre}: {leaf.reason}")


def leaf_summary(leaf: Any) -> Any:
    """Summary of an assumption's own distribution."""
    from waterline.core.records import assumption_record
    from waterline.core.summary import Summary

    record = assumption_record(leaf)
    return Summary(record["value"], record["p05"], record["p95"], record["value"])
