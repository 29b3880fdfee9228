"""``waterline compare``: the same question for several entities, in shared draws."""

from __future__ import annotations

import argparse
from typing import Any

from waterline.cli import options


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("compare", parents=[shared], help="entities side by side, with ratios")
    parser.add_argument("quantity", metavar="QUANTITY", help="what to compare")
    parser.add_argument(
        "bindings", nargs="+", metavar="ROLE=A,B[,C…]", help="one role (or number) with several values; others fixed"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare and print."""
    from waterline.cli import output
    from waterline.core.errors import InputError
    from waterline.questions.session import default_session

    bindings = options.pairs(arguments.bindings, "a binding")
    several = [role for role, value in bindings.items() if "," in value]
    if len(several) != 1:
        raise InputError("compare takes exactly one role with several entities: ROLE=A,B")
    role = several[0]
    entities = [entity.strip() for entity in bindings.pop(role).split(",") if entity.strip()]
    terms = options.scenario(arguments, bindings)
    found = default_session().compare(arguments.quantity, role, entities, terms)
    if arguments.json:
        output.print_json(found.to_dict())
        return 0
    unit = found.answers[0].unit
    width = max(len(entity) for entity in found.entities)
    print(f"{arguments.quantity} ({unit}) by {role}, as of {terms.as_of}")
    for entity, answer in zip(found.entities, found.answers, strict=True):
        print(f"  {entity:<{width}}  {output.estimate(answer.summary, unit)}")
    first, *others = found.entities
    for place, entity in enumerate(others, start=1):
        ratio, above = found.ratios[place], f"P(above) = {found.chances_above[place]:.0%}"
        shown = f"none: the chance of {first} is 0" if ratio is None else output.estimate(ratio, "")
        apart = "" if found.differences is None else f"; {entity} − {first} = {found.differences[place]:+.3f}"
        print(f"  {entity} ÷ {first} = {shown}{apart}; {above}")
    return 0
