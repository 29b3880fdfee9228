"""The words of a report in one language: messages, quantity labels, and Simplified from Traditional Chinese."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from markupsafe import Markup, escape

from waterline.core.data_file import data_file
from waterline.core.errors import unknown

ENGLISH, TRADITIONAL, SIMPLIFIED = "en", "zh-Hant", "zh-Hans"
_LOCALES = {ENGLISH: "en", TRADITIONAL: "zh_Hant", SIMPLIFIED: "zh_Hans"}
_DAYS = {"en": "d MMM y"}  # as the prose of the studies has it; elsewhere the locale's own medium form
_TABLES = ("quantities.zh-Hant.yaml", "attributes.zh-Hant.yaml", "reasons.zh-Hant.yaml")
_HAN = re.compile(r"[\u3400-\u9fff]")
_OPENCC_PROFILE = "tw2sp"  # Taiwan's characters and phrases to the mainland's


def report_languages() -> tuple[str, ...]:
    """Codes of the languages that a report can be written in."""
    return tuple(_LOCALES)


@functools.cache
def table(name: str) -> Mapping[str, Any]:
    """One of the files of ``language/``, parsed."""
    content = data_file("waterline.report", "language", name)
    return content if isinstance(content, dict) else {}


@functools.cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC(_OPENCC_PROFILE)


@functools.cache
def _glossary() -> tuple[re.Pattern[str], Mapping[str, str]]:
    terms = table("glossary-zh-Hans.yaml")
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})"), terms


@functools.lru_cache(maxsize=20_000)
def simplified(text: str) -> str:
    """Traditional Chinese text as a mainland reader would have it written."""
    if not _HAN.search(text):
        return text
    pattern, terms = _glossary()
    convert = _converter().convert
    pieces = enumerate(pattern.split(text))  # text between terms, and the terms themselves at the odd places
    return "".join([terms[piece] if place % 2 else str(convert(piece)) for place, piece in pieces if piece])


@dataclass(frozen=True)
class Wording:
    """Messages and labels of one language. ``locale`` is Babel's name for it."""

    language: str
    locale: str
    messages: Mapping[str, str]
    units: Mapping[str, str]

    def read_ahead(self) -> None:
        """Read the tables of the language that are otherwise read when first asked for."""
        self.day(date.min)
        if self.language != ENGLISH:
            for name in _TABLES:
                table(name)

    def say(self, key: str, **values: object) -> str:
        """The message ``key`` with its places filled in. A key that no message file has is a KeyError."""
        return self.messages[key].format(**values) if values else self.messages[key]

    def per(self, amount: str, unit: str) -> str:
        """``amount`` for each ``unit``: as the unit's own entry ``/unit`` writes it, else by the message ``per``."""
        own = self.units.get(f"/{unit}")
        if own:
            return own.format(amount=amount)
        return self.say("per", amount=amount, unit=self.units.get(unit, unit).partition("|")[0])

    def pick(self, texts: Mapping[str, Any] | None) -> tuple[Any, str]:
        """The entry of ``texts`` in this language and the language it is in; English where there is none."""
        entries = texts or {}
        if self.language == SIMPLIFIED and entries.get(TRADITIONAL):
            return _simplify(entries[TRADITIONAL]), SIMPLIFIED
        if entries.get(self.language):
            return entries[self.language], self.language
        return entries.get(ENGLISH, ""), ENGLISH

    def label(self, node: Mapping[str, Any]) -> tuple[str, str]:
        """What a node is called, and in which language: its quantity's or attribute's label, then its entity."""
        name = str(node.get("name") or node.get("id") or "")
        entity, attribute = _parts(name)
        if self.language != ENGLISH:
            known = table("quantities.zh-Hant.yaml").get(attribute) or table("attributes.zh-Hant.yaml").get(attribute)
            if known:
                found = simplified(known) if self.language == SIMPLIFIED else str(known)
                return self._with_entity(found, entity), self.language
        label = str(node.get("label") or "") or _words(attribute)
        return self._with_entity(label, entity), ENGLISH

    def reason(self, text: str) -> str:
        """Why a value was assumed, in this language; in English where nobody has translated it."""
        if self.language == ENGLISH:
            return text
        written = str(table("reasons.zh-Hant.yaml").get(text, text))
        return simplified(written) if self.language == SIMPLIFIED else written

    def _with_entity(self, label: str, entity: str) -> str:
        return f"{label} · {entity}" if entity else label

    def marked(self, text: str | Markup, language: str) -> Markup:
        """``text`` escaped, with a ``lang`` attribute when it is not in the page's language."""
        if language == self.language or not text:
            return escape(text)
        return Markup(f'<span lang="{escape(language)}">{escape(text)}</span>')

    def foreign(self, text: str) -> Markup:
        """A text that came without its language (a source's title): marked as what its script says it is."""
        return _foreign(text, self.language != ENGLISH)

    def day(self, text: object) -> str:
        """An ISO date as this language writes it; anything else as it stands."""
        return _day(str(text or ""), self.locale)


@functools.lru_cache(maxsize=20_000)
def _foreign(text: str, on_chinese_page: bool) -> Markup:
    chinese = bool(_HAN.search(text))
    if chinese == on_chinese_page or not text:
        return escape(text)
    return Markup(f'<span lang="{"zh" if chinese else ENGLISH}">{escape(text)}</span>')


@functools.lru_cache(maxsize=20_000)
def _day(text: str, locale: str) -> str:
    from babel.dates import format_date

    try:
        return str(format_date(date.fromisoformat(text), _DAYS.get(locale, "medium"), locale=locale))
    except ValueError:
        return text


@functools.cache
def wording(language: str) -> Wording:
    """The wording of a language. Raises InputError for one that no report is written in."""
    if language not in _LOCALES:
        raise unknown("report language", language, _LOCALES)
    content = table("en.yaml" if language == ENGLISH else "zh-Hant.yaml")
    messages, units = dict(content["messages"]), dict(content["units"])
    if language == SIMPLIFIED:
        messages, units = _simplify(messages), _simplify(units)
    return Wording(language, _LOCALES[language], messages, units)


def _simplify(entry: Any) -> Any:
    if isinstance(entry, str):
        return simplified(entry)
    if isinstance(entry, Mapping):
        return {key: _simplify(value) for key, value in entry.items()}
    if isinstance(entry, list | tuple):
        return [_simplify(value) for value in entry]
    return entry


def _parts(name: str) -> tuple[str, str]:
    """Entity and attribute of a node's name: ``h800.rental_price@2024-12-26`` is of ``h800``."""
    entity, dot, attribute = name.rpartition(".")
    attribute, at, day = attribute.partition("@")
    if not dot:
        return (day if at else ""), attribute
    return (f"{entity}, {day}" if at else entity), attribute


def _words(attribute: str) -> str:
    written = table("units.yaml")["words"]
    words = [str(written.get(word, word)) for word in attribute.split("_")]
    phrase = " ".join(words)
    return phrase[:1].upper() + phrase[1:]


def style_of(unit: str, name: str, hint: str = "") -> str:
    """How a number is written: by the text's own hint, by the quantity's name, or by its unit."""
    return _style(unit, _parts(name)[1].partition("(")[0], hint)


@functools.lru_cache(maxsize=20_000)
def _style(unit: str, attribute: str, hint: str) -> str:
    rules = table("units.yaml")
    if hint in rules["hints"]:
        return str(rules["hints"][hint])
    numerator = unit.partition("/")[0].strip()
    if numerator in rules["unnamed"]:
        for pattern, style in rules["names"].items():
            if fnmatchcase(attribute, pattern):
                return str(style)
    return str(rules["styles"].get(unit) or rules["styles"].get(numerator) or "plain")
