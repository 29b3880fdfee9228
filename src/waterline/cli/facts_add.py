"""``waterline facts add``: a new cited value, given by options or asked for on a terminal."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from waterline.facts.add import Content, Draft
    from waterline.facts.store import FactBase

_FIELDS = {
    "unit": "unit as published",
    "value": "the value, without its unit",
    "low": "lower end of a range",
    "mid": "middle of a range",
    "high": "upper end of a range",
    "valid": "date from which it is true of the world",
    "known": "date of publication",
    "source": "id of a source, known or new",
    "trust": "A primary, B secondary, C hearsay",
    "where": "page, table or section",
    "note": "short remark",
    "provider": "who offers at this price",
    "term": "on-demand, reserved, contract or spot",
}
_SOURCE = {"title": "title", "publisher": "publisher", "date": "publication date", "url": "address"}

Result = TypeVar("Result")


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("add", parents=[shared], help="add a cited value; asks for what is not given")
    parser.add_argument("name", nargs="?", metavar="ENTITY.ATTRIBUTE")
    parser.add_argument("--kind", metavar="KIND", help="make ENTITY as a new entity of this kind")
    for name, meaning in _FIELDS.items():
        parser.add_argument(f"--{name}", metavar=name.upper(), help=meaning)
    for name, meaning in _SOURCE.items():
        parser.add_argument(f"--source-{name}", metavar=name.upper(), help=f"{meaning} of a new source")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Complete the fact, write it, and say where."""
    from waterline.cli import output
    from waterline.core.errors import InputError
    from waterline.facts.add import add
    from waterline.facts.store import FactBase

    base = FactBase.load()
    asking = sys.stdin.isatty()
    draft = _draft(base, arguments, asking)
    _take_options(base, draft, arguments)
    if asking:
        _ask_missing(base, draft)
    missing = draft.missing()
    if missing:
        raise InputError(f"{draft.name} still needs {', '.join(f'--{name}' for name in missing)}")
    added = add(draft)
    if arguments.json:
        place = {"file": str(added.file), "new_source": added.new_source}
        output.print_json({"fact": added.fact.id, "stated": added.fact.stated, "source": added.fact.source, **place})
        return 0
    print(f"added {added.fact.id} = {added.fact.stated} to {added.file}")
    if added.new_source:
        print(f"with the new source {added.new_source}")
    return 0


def _draft(base: FactBase, arguments: argparse.Namespace, asking: bool) -> Draft:
    from waterline.core.errors import InputError

    if arguments.name is not None:
        return _locate(base, arguments.name, arguments.kind)
    if not asking:
        raise InputError("facts add takes ENTITY.ATTRIBUTE, such as h800.mem_bw")
    return _ask("entity.attribute", "", lambda text: _locate(base, text, arguments.kind))


def _locate(base: FactBase, text: str, kind: str | None) -> Draft:
    from waterline.core.errors import InputError
    from waterline.facts.add import Draft, new_entity
    from waterline.facts.series import locate

    owner, _, name = text.rpartition(".")
    if kind is not None and owner not in base.entities:
        entity = new_entity(base, owner, kind)
        return Draft(entity, base.attribute(entity, name))
    entity, attribute = locate(base, text)
    if attribute is None:
        known = ", ".join(sorted(name for kind in entity.kinds for name in base.attributes[kind]))
        raise InputError(f"which attribute of {entity.id}? it may have {known}")
    return Draft(entity, attribute)


def _take_options(base: FactBase, draft: Draft, arguments: argparse.Namespace) -> None:
    from waterline.core.errors import unknown
    from waterline.facts.add import read_field, read_source_part

    for name in _FIELDS:
        given = getattr(arguments, name)
        if given is not None:
            draft.fields[name] = read_field(base, draft, name, given)
    for name in _SOURCE:
        given = getattr(arguments, f"source_{name}")
        if given is not None:
            draft.source[name] = read_source_part(name, given)
    source = draft.fields.get("source")
    if source is not None and source not in base.sources and not draft.source and not sys.stdin.isatty():
        problem = unknown("source", str(source), base.sources)
        raise type(problem)(
            f"{problem}; a new one needs --source-title, --source-publisher, --source-date, --source-url"
        )


def _ask_missing(base: FactBase, draft: Draft) -> None:
    from waterline.facts.add import read_source_part

    _say(f"{draft.name}: {draft.attribute.meaning}, in {draft.attribute.span}")
    if "unit" not in draft.fields:
        draft.fields["unit"] = _ask_field(base, draft, "unit", draft.attribute.unit)
    if "value" in draft.missing():
        _ask_value(base, draft)
    if "source" not in draft.fields:
        draft.fields["source"] = _ask_field(base, draft, "source", "")
    source = base.sources.get(str(draft.fields["source"]))
    if source is None:
        _say(f"{draft.fields['source']!r} is a new source:")
        for name, meaning in _SOURCE.items():
            if name not in draft.source:
                draft.source[name] = _ask(meaning, "", functools.partial(read_source_part, name))
    published = draft.source["date"] if source is None else source.date.isoformat()
    defaults = {"known": published, "valid": published, "trust": "B"}
    for name in draft.missing():
        draft.fields[name] = _ask_field(base, draft, name, defaults.get(name, ""))


def _ask_field(base: FactBase, draft: Draft, name: str, default: str) -> Content:
    from waterline.facts.add import read_field

    return _ask(f"{name} ({_FIELDS[name]})", default, lambda text: read_field(base, draft, name, text))


def _ask_value(base: FactBase, draft: Draft) -> None:
    """One value, or a range as ``LOW..HIGH``."""

    def read(text: str) -> dict[str, Content]:
        from waterline.facts.add import read_field

        low, dots, high = text.partition("..")
        if not dots or draft.fields["unit"] in ("text", "date"):
            return {"value": read_field(base, draft, "value", text)}
        return {"low": read_field(base, draft, "low", low), "high": read_field(base, draft, "high", high)}

    draft.fields.update(_ask(f"value in {draft.fields['unit']} (or LOW..HIGH)", "", read))


def _ask(question: str, default: str, read: Callable[[str], Result]) -> Result:
    """Ask until the answer can be read. Raises InputError when the input ends."""
    from waterline.core.errors import InputError

    while True:
        hint = f" [{default}]" if default else ""
        print(f"{question}{hint}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise InputError("the input ended; nothing was written")
        try:
            return read(line.strip() or default)
        except InputError as problem:
            _say(str(problem))


def _say(text: str) -> None:
    print(text, file=sys.stderr)
