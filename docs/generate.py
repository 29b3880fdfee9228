"""Writes docs/reference from the code and the fact base: ``python docs/generate.py`` (or ``make docs``).

``pages()`` gives the same pages as text, so that a test can tell when the committed ones are stale.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from waterline.cli.main import build_parser
from waterline.cli.options import shared_options
from waterline.core.quantity import Needs, Quantity, Reads, Role
from waterline.core.units import DATE, TEXT
from waterline.facts.load import SHIPPED, load_base
from waterline.facts.record import Assumption, Attribute
from waterline.facts.store import FactBase
from waterline.questions.catalogue import shipped_catalogue

REFERENCE = Path(__file__).with_name("reference")
_NOTICE = "<!-- Written by docs/generate.py; change the code or the data, then run it again. -->"
_RULES = {
    "best": "best grade counts",
    "latest": "newest counts",
    "quotes": "offers of a year, one vote per provider",
}


def pages() -> dict[str, str]:
    """The reference pages by file name."""
    base = FactBase(load_base([SHIPPED]))
    return {
        "quantities.md": quantities_page(base),
        "attributes.md": attributes_page(base),
        "assumptions.md": assumptions_page(base),
        "cli.md": cli_page(),
    }


def quantities_page(base: FactBase) -> str:
    """Every quantity: meaning, unit, equation, inputs with their origin, and the roles a question fills."""
    catalogue = shipped_catalogue()
    layers = list(dict.fromkeys(found.layer for found in catalogue.values()))
    lines = [
        "# Quantities",
        _NOTICE,
        "",
        f"{len(catalogue)} quantities. Ask for one with `waterline ask NAME ROLE=ENTITY`; "
        "`waterline explain` shows the tree under it.",
        "",
    ]
    for layer in layers:
        inside = [found for found in catalogue.values() if found.layer == layer]
        lines += [f"- **{layer}**: " + ", ".join(f"[`{found.name}`](#{found.name})" for found in inside)]
    for layer in layers:
        lines += ["", f"## Layer {layer}"]
        for found in catalogue.values():
            if found.layer == layer:
                lines += ["", *_quantity(found, base)]
    return _text(lines)


def attributes_page(base: FactBase) -> str:
    """Every attribute of every kind of entity."""
    lines = [
        "# Attributes",
        _NOTICE,
        "",
        "What a fact can be about, by kind of entity. A fact outside the range is an error. "
        "The rule says how several facts become one value: see [facts](../explanation/facts.md).",
        "",
    ]
    lines += [", ".join(f"[{kind}](#{kind})" for kind in sorted(base.attributes))]
    for kind in sorted(base.attributes):
        lines += ["", f"## {kind}", "", *_table(("attribute", "meaning", "unit", "range", "rule"))]
        lines += [_row(_attribute(base.attributes[kind][name])) for name in sorted(base.attributes[kind])]
    return _text(lines)


def assumptions_page(base: FactBase) -> str:
    """Every assumption with its range, unit and reason."""
    free = [found for found in base.assumptions.values() if "." not in found.name]
    kinds = [found for found in base.assumptions.values() if found.name.partition(".")[0] in base.attributes]
    single = [found for found in base.assumptions.values() if found not in free and found not in kinds]
    lines = [
        "# Assumptions",
        _NOTICE,
        "",
        "Values that no source settles. Three numbers are the 5%, 50% and 95% points. Bounds cut the distribution off; "
        "what is left is scaled back to one. Each can be replaced: `--set NAME=VALUE`.",
    ]
    groups = (
        ("Free assumptions", "Quantities read these by name.", free),
        ("For a whole kind", "Used for any entity of the kind about which there is no fact.", kinds),
        ("For one entity", "Used where there is no fact that was known on the date asked for.", single),
    )
    for title, meaning, found in groups:
        lines += ["", f"## {title}", "", meaning, "", *_table(("name", "value", "unit", "reason"))]
        lines += [_row(_assumption(one)) for one in sorted(found, key=lambda one: one.name)]
    return _text(lines)


def cli_page() -> str:
    """Each verb with its arguments, and the options that every verb takes."""
    shared = shared_options()
    common = {option for action in shared._actions for option in action.option_strings}
    lines = [
        "# Command line",
        _NOTICE,
        "",
        "Exit code 0: done. 2: the question, a file or an option is wrong; one line on stderr says what. "
        "1: internal failure. 130: interrupted. With `--json` one document stands on stdout and nothing else; "
        "notes go to stderr.",
        "",
        "## For every command",
        "",
        *_options(shared._actions),
    ]
    for summary, command in _commands(build_parser()):
        own = [action for action in command._actions if not common & set(action.option_strings)]
        lines += ["", f"## {command.prog}", "", f"{summary[:1].upper()}{summary[1:]}.", "", *_options(own)]
    return _text(lines)


def _quantity(found: Quantity, base: FactBase) -> Iterator[str]:
    yield f"### {found.name}"
    yield ""
    yield f"{found.label}. Unit: `{found.unit}`."
    yield ""
    yield from _fenced(found.equation)
    rest = [line for line in found.documentation.splitlines()[1:] if line.strip() and line.strip() != found.equation]
    if rest:
        yield ""
        yield from rest
    if found.reported is not None:
        yield ""
        yield f"Where `{_attribute_name(found.reported)}` is known, that value is used instead of the formula."
    if found.opaque:
        yield ""
        yield "The formula's own dimensions are not checked; those of its inputs are."
    yield ""
    yield from _table(("input", "unit", "comes from"))
    for argument, origin in found.inputs.items():
        yield _row((f"`{argument}`", f"`{origin.unit}`", _origin(origin, base)))
    yield ""
    yield "Roles: " + "; ".join(_role(role) for role in _roles(found).values()) + "."


def _origin(origin: Reads | Needs, base: FactBase) -> str:
    if isinstance(origin, Reads):
        declared = base.attributes[origin.role.kind][origin.attribute]
        dated = f", as it was at `{origin.on[0].name}.{origin.on[1]}`" if origin.on else ""
        return f"fact `{_attribute_name(origin)}`: {_lower(declared.meaning)}{dated}"
    if origin.name in shipped_catalogue():
        filled = ", ".join(f"`{role}` = `{source.name}`" for role, source in origin.renamed)
        return f"quantity [`{origin.name}`](#{origin.name})" + (f" with {filled}" if filled else "")
    return f"assumption [`{origin.name}`](assumptions.md)"


def _attribute_name(reads: Reads) -> str:
    return f"{reads.role.name}.{reads.attribute}"


def _roles(found: Quantity) -> dict[str, Role]:
    """The roles that a question for the quantity can fill, by name, those under it included."""
    named = (_named_by_user(role) for role in shipped_catalogue().roles_of(found.name))
    return {role.name: role for role in named}


def _named_by_user(role: Role) -> Role:
    """The role itself, or for one reached through another (`quarter.year_ago`), that other."""
    while "." in role.name and role.follows is not None:
        role = role.follows[0]
    return role


def _role(role: Role) -> str:
    kind = "" if role.kind == role.name else f" ({role.kind})"
    if role.follows is not None:
        return f"`{role.name}`{kind}, else the `{role.follows[1]}` of `{role.follows[0].name}`"
    if role.default is not None:
        return f"`{role.name}`{kind}, else `{role.default}`"
    return f"`{role.name}`{kind}"


def _attribute(declared: Attribute) -> Iterable[str]:
    if declared.refers:
        unit, extent = f"id of a {declared.refers}", ""
    elif declared.unit in (TEXT, DATE) or declared.low is None or declared.high is None:
        unit, extent = declared.unit, ""
    else:
        unit, extent = f"`{declared.unit}`", f"{declared.low:g} to {declared.high:g}"
    stale = f"; stale after {declared.stale_after} days" if declared.stale_after else ""
    return f"`{declared.name}`", declared.meaning, unit, extent, _RULES[declared.estimate] + stale


def _assumption(found: Assumption) -> Iterable[str]:
    shown = ", ".join(f"{number:g}" for number in found.numbers)
    if found.shape not in ("interval", "value"):
        shown = f"{found.shape}: {shown}"
    bounds = [f"{end:g}" for end in (found.lower, found.upper) if end is not None]
    if found.lower is not None and found.upper is not None:
        shown += f" (within {bounds[0]} to {bounds[1]})"
    elif bounds:
        shown += f" (at {'least' if found.lower is not None else 'most'} {bounds[0]})"
    for version in found.earlier:
        shown += f"; as of {version.known}: " + ", ".join(f"{number:g}" for number in version.numbers)
    reason = found.reason if found.known is None else f"{found.reason} (leans on evidence up to {found.known})"
    return f"`{found.name}`", shown, f"`{found.unit}`", reason


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Verbs, and verbs of verbs, with what their list says of each."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            said = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                yield said.get(name, ""), command
                yield from _commands(command)


def _options(actions: Iterable[argparse.Action]) -> Iterator[str]:
    yield from _table(("argument", "meaning"))
    for action in actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
        value = "" if action.nargs == 0 else str(value)
        shown = [f"`{option} {value}`".replace(" `", "`") for option in action.option_strings] or [f"`{value}`"]
        yield _row((", ".join(shown), (action.help or "").replace("%%", "%")))


def _lower(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _table(columns: Iterable[str]) -> list[str]:
    names = tuple(columns)
    return [_row(names), "|" + " --- |" * len(names)]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _fenced(text: str) -> list[str]:
    return ["```text", *text.rstrip().splitlines(), "```"]


def _text(lines: Iterable[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


if __name__ == "__main__":
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
