"""Adds a fact to the data files: checked by the reader that will read it, written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from waterline.core.errors import InputError, UnitError, unknown
from waterline.core.files import held, write_atomically
from waterline.core.scenario import parse_magnitude
from waterline.core.units import DATE, TEXT, conversion_factor
from waterline.facts.check import identity
from waterline.facts.document import parse_document
from waterline.facts.insert import insert_item, insert_mapping, scalar
from waterline.facts.load import data_directories, examine, labelled, read_files
from waterline.facts.record import Attribute, Entity, Fact
from waterline.facts.store import FactBase

NUMBERS = ("value", "low", "mid", "high")
NEEDED = ("unit", "valid", "known", "source", "trust")
OPTIONAL = ("where", "note", "provider", "term")
SOURCE_PARTS = ("title", "publisher", "date", "url")
_IDENTITY = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")

Content = str | float | date


@dataclass
class Draft:
    """A fact to be added; ``fields`` are those of the file format, ``source`` describes a source that is new."""

    entity: Entity
    attribute: Attribute
    fields: dict[str, Content] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``entity.attribute``."""
        return f"{self.entity.id}.{self.attribute.name}"

    def missing(self) -> list[str]:
        """Names of what is still needed."""
        names = [] if any(key in self.fields for key in ("value", "low", "high")) else ["value"]
        names += [key for key in NEEDED if key not in self.fields]
        if self.attribute.estimate == "quotes" and "provider" not in self.fields:
            names.append("provider")
        return names + [f"source-{part}" for part in SOURCE_PARTS if self.source and not self.source.get(part)]


@dataclass(frozen=True, slots=True)
class Added:
    """What was written, and where."""

    fact: Fact
    file: Path
    new_source: str | None


def new_entity(base: FactBase, name: str, kind: str) -> Entity:
    """An entity that has no facts yet. Raises InputError for an unknown kind or an id that cannot be one."""
    if kind not in base.attributes:
        raise unknown("kind", kind, base.attributes)
    if not _IDENTITY.fullmatch(name):
        raise InputError(f"an entity's id is lower-case letters, digits, dots and hyphens, not {name[:60]!r}")
    return Entity(name, name, (kind,), (), {})


def read_field(base: FactBase, draft: Draft, name: str, text: str) -> Content:
    """What ``text`` means as the field ``name`` of a draft. Raises InputError saying what would be right."""
    text = text.strip()
    if not text:
        raise InputError(f"{name} is empty")
    if name in ("valid", "known"):
        return _day(name, text)
    if name in NUMBERS:
        return _content(base, draft, name, text)
    if name == "unit":
        if draft.attribute.unit != text:
            _check_unit(draft.attribute, text)
    elif name == "trust" and text.upper() in ("A", "B", "C"):
        return text.upper()
    elif name == "trust":
        raise InputError(f"trust must be A (primary), B (secondary) or C (hearsay), not {text[:20]!r}")
    elif name == "source" and not _IDENTITY.fullmatch(text):
        raise InputError(f"a source's id is lower-case letters, digits, dots and hyphens, not {text[:60]!r}")
    return text


def read_source_part(name: str, text: str) -> str:
    """Check one part of a new source's description. Raises InputError."""
    text = " ".join(text.split())
    if not text:
        raise InputError(f"source {name} is empty")
    if name == "date":
        _day("source date", text)
    if name == "url" and not text.startswith(("https://", "http://")):
        raise InputError(f"a source's url starts with https:// or http://, not {text[:40]!r}")
    return text


def add(draft: Draft) -> Added:
    """Write a complete draft, after what other processes are adding.

    Raises InputError for a duplicate, a wrong value or a place that cannot be written.
    """
    directory = data_directories()[-1]
    with held(directory, wait=True):
        base = FactBase.load()  # anew: another process may have added something since the draft was begun
        entity = base.entities.get(draft.entity.id, draft.entity)
        return _add(base, replace(draft, entity=entity), directory)


def _add(base: FactBase, draft: Draft, directory: Path) -> Added:
    for fact in _present(draft):
        if _same(fact, draft):
            raise InputError(f"{draft.name} has this fact from {fact.source} already, at {fact.place}")
    files = read_files()
    label = next(name for name, path in labelled(data_directories()).items() if path == directory)
    changed: dict[str, str] = {}
    if draft.source:
        _add_source(base, draft, files, label, changed)
    place = _home(draft, files, label)
    _insert_fact(draft, files, place, changed)
    fact = _verified(draft, files, changed)
    paths = {name: directory / name.removeprefix(f"{label}/") for name in changed}
    _write_all({paths[name]: text for name, text in changed.items()})
    return Added(fact, paths[place], str(draft.fields["source"]) if draft.source else None)


def _add_source(base: FactBase, draft: Draft, files: Mapping[str, bytes], label: str, changed: dict[str, str]) -> None:
    name = str(draft.fields["source"])
    described = (draft.source["title"], draft.source["publisher"], draft.source["date"], draft.source["url"])
    known = base.sources.get(name)
    if known is not None and (known.title, known.publisher, known.date.isoformat(), known.url) == described:
        return  # written by an attempt that was cut off before it came to the fact
    if known is not None:
        raise InputError(f"source {name!r} exists already: {known.title}; leave its description out")
    same = next((source for source in base.sources.values() if source.url == draft.source["url"]), None)
    if same is not None and same.title == draft.source["title"]:
        raise InputError(f"that document is source {same.id!r} already")
    place = _sources_file(draft.entity, files, label)
    lines = [f"{part}: {scalar(text) if part != 'date' else text}" for part, text in sorted(draft.source.items())]
    changed[place] = insert_mapping(_text(files, place), [name], lines)


def _sources_file(entity: Entity, files: Mapping[str, bytes], label: str) -> str:
    """The file of sources that holds most of the documents about the entity."""
    cited = {f"\n{fact.source}:".encode() for facts in entity.facts.values() for fact in facts}
    candidates = [name for name in files if name.startswith((f"{label}/sources/", f"{label}/sources.yaml"))]
    if not candidates:
        return f"{label}/sources.yaml"
    return max(candidates, key=lambda name: sum(source in b"\n" + files[name] for source in cited))


def _home(draft: Draft, files: Mapping[str, bytes], label: str) -> str:
    """The file that has the entity, best with the attribute; a file of its own where none has."""
    homes = []
    for name, content in files.items():
        if name.startswith(f"{label}/") and draft.entity.id.encode() in content:
            document = parse_document(content, name)
            entities = document.get("entities")
            if document.get("kind") == draft.attribute.kind and entities and draft.entity.id in entities:
                facts = (entities[draft.entity.id] or {}).get("facts") or {}
                homes.append((draft.attribute.name not in facts, "name" not in (entities[draft.entity.id] or {}), name))
    return min(homes)[2] if homes else f"{label}/{draft.attribute.kind}/{draft.entity.id}.yaml"


def _insert_fact(draft: Draft, files: Mapping[str, bytes], place: str, changed: dict[str, str]) -> None:
    keys = (*NUMBERS, *NEEDED, *OPTIONAL)
    parts = (f"{key}: {_written(draft.fields[key])}" for key in keys if key in draft.fields)
    text = _text(files, place) or f"kind: {draft.attribute.kind}\n"
    path = ("entities", draft.entity.id, "facts", draft.attribute.name)
    try:
        changed[place] = insert_item(text, path, "{" + ", ".join(parts) + "}")
    except InputError as problem:
        raise InputError(f"cannot add to {place}: {problem}") from problem


def _verified(draft: Draft, files: Mapping[str, bytes], changed: Mapping[str, str]) -> Fact:
    """The new fact as the reader sees it, after all files have been read again with the changes in them."""
    after, problems = examine({**files, **{name: text.encode() for name, text in changed.items()}})
    if problems:
        raise InputError(f"not added: {problems[0].partition(': ')[2] or problems[0]}")
    before = {identity(fact) for fact in _present(draft)}
    facts = after.entities[draft.entity.id].facts[draft.attribute.name]
    return next(fact for fact in facts if identity(fact) not in before)


def _present(draft: Draft) -> list[Fact]:
    return draft.entity.facts.get(draft.attribute.name, [])


def _same(fact: Fact, draft: Draft) -> bool:
    """True when the draft says what the fact says, of the same day, by the same source."""
    if fact.valid != draft.fields["valid"] or fact.source != draft.fields["source"]:
        return False
    if (fact.provider, fact.term) != (draft.fields.get("provider", ""), draft.fields.get("term", "")):
        return False
    if fact.text is not None:
        return fact.text == str(draft.fields.get("value"))
    factor = conversion_factor(str(draft.fields["unit"]), draft.attribute.unit)
    stated = [draft.fields.get(key) for key in NUMBERS]
    given = [None if number is None else float(str(number)) * factor for number in stated]
    known = [None if number is None else number * fact.factor for number in (fact.value, fact.low, fact.mid, fact.high)]
    return given == known


def _write_all(texts: Mapping[Path, str]) -> None:
    """Write files; when one cannot be written, those before it are put back."""
    done: dict[Path, bytes | None] = {}
    try:
        for path, text in texts.items():
            old = path.read_bytes() if path.exists() else None
            write_atomically(path, text.encode())
            done[path] = old
    except (InputError, OSError) as problem:
        for path, old in done.items():
            if old is None:
                path.unlink()
            else:
                write_atomically(path, old)
        raise InputError(f"{problem}; set WATERLINE_FACTS to a directory of your own to keep facts there") from problem


def _content(base: FactBase, draft: Draft, name: str, text: str) -> Content:
    attribute = draft.attribute
    if attribute.unit == DATE:
        return _day(name, text)
    if attribute.refers:
        return base.entity(text, attribute.refers).id
    if attribute.unit == TEXT:
        return text
    number, rest = parse_magnitude(text)
    if rest.strip():
        raise InputError(f"{name} is a number without its unit, not {text[:40]!r}")
    unit = str(draft.fields.get("unit", attribute.unit))
    if not attribute.accepts(number * conversion_factor(unit, attribute.unit)):
        raise InputError(f"{number:g} {unit} lies outside {attribute.span}")
    return number


def _check_unit(attribute: Attribute, text: str) -> None:
    try:
        conversion_factor(text, attribute.unit)
    except UnitError as problem:
        raise UnitError(f"{problem}; {attribute.kind}.{attribute.name} is in {attribute.unit}") from problem


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{name} must be a date YYYY-MM-DD, not {text[:40]!r}") from None


def _text(files: Mapping[str, bytes], place: str) -> str:
    return files[place].decode("utf-8-sig") if place in files else ""


def _written(value: Content) -> str:
    return value.isoformat() if isinstance(value, date) else scalar(value)
