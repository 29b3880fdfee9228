"""The pages: the list of studies, a living report, explore, search, and writing a study."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup

from waterline.core.errors import InputError
from waterline.core.quantity import Role
from waterline.core.units import DATE, TEXT
from waterline.questions.session import Session, today
from waterline.report.figures import figures
from waterline.report.page import environment
from waterline.report.safety import cleaned, embedded, link
from waterline.report.wording import Wording, report_languages, wording
from waterline.studies.claim import COMPARATORS, KINDS
from waterline.web.api import Api
from waterline.web.draft import MOST_CLAIMS, claims_of, first_verdicts, offered_claims, study_file
from waterline.web.explore import command, drawn, picture_model
from waterline.web.living import LivingStudies
from waterline.web.terms import LONGEST_VALUE, Pairs, Terms, read_terms

LANGUAGE_NAMES = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文"}
YEARS_BACK = 2  # how far before the study's earlier date the time slider starts
_PAGE = ("lang", "q", "quantity", "vary1", "values1", "vary2", "values2")


def language_of(pairs: Pairs) -> str:
    """The language that a query asks for; English where it names none that there is."""
    asked = dict(pairs).get("lang", "")
    return asked if asked in report_languages() else "en"


@functools.cache
def _environment() -> Environment:
    """The report's templates with the pages' own before them."""
    own = FileSystemLoader(Path(__file__).with_name("templates"))
    report = environment()
    assert report.loader is not None
    return report.overlay(loader=ChoiceLoader([own, report.loader]))


class Pages:
    """Every page as text, from a query's pairs. Methods may raise InputError."""

    def __init__(self, session: Session, living: LivingStudies) -> None:
        self._session, self._living = session, living
        self._api = Api(session, living)

    def words(self, pairs: Pairs) -> Wording:
        """The wording of the language that a query asks for."""
        return wording(language_of(pairs))

    def home(self, pairs: Pairs) -> str:
        """The studies, and ways in."""
        words = self.words(pairs)
        read_terms(pairs, ("lang",))
        studies = [self._card(name, words) for name in sorted(self._living.studies)]
        return self._render("home.html", pairs, studies=studies, place="/")

    def study(self, name: str, pairs: Pairs) -> str:
        """A living report."""
        study = self._living.study(name)
        terms, language = read_terms(pairs, ("lang",)), language_of(pairs)
        view = self._living.view(name, language, terms)
        first = (study.earlier_as_of or study.as_of or today()) - timedelta(days=365 * YEARS_BACK)
        first = max(first, self._session.facts.known_from)
        data = {
            "study": name,
            "language": language,
            "locale": {"en": "en-GB", "zh-Hant": "zh-Hant-TW", "zh-Hans": "zh-Hans-CN"}[language],
            "terms": {"as_of": terms.as_of.isoformat() if terms.as_of else "", "values": dict(terms.values),
                      "roles": dict(terms.bindings)},
            "days": {"first": first.isoformat(), "last": today().isoformat(),
                     "base": (study.as_of or today()).isoformat()},
            "controls": self._living.controls(view),
            "moved": self._living.moved(view),
            "words": _words(view.wording, "live_"),
        }  # fmt: skip
        return _environment().get_template("living.html").render(
            view=view, say=view.wording.say, living=embedded(data), days=data["days"],
            **self._frame(pairs, f"/studies/{name}"),
        )  # fmt: skip

    def explore(self, pairs: Pairs) -> str:
        """One quantity over one or two inputs."""
        given, words = {name: text.strip() for name, text in pairs}, self.words(pairs)
        quantity = given.get("quantity", "")
        found: dict[str, Any] = {"picture": None, "answer": None, "problem": "", "command": "", "query": ""}
        if quantity:
            terms = _explored(given, pairs)
            found["command"], found["query"] = command(quantity, terms), terms.query()
            try:
                if terms.over:
                    found["picture"] = drawn(cleaned(picture_model(self._session, quantity, terms)), words)
                else:
                    found["answer"] = self._api.ask(quantity, _pairs(terms))
            except InputError as problem:
                found["problem"] = " ".join(str(problem).split())
        slots = self._slots(quantity, given, words)
        return self._render(
            "explore.html", pairs, given=given, quantity=quantity, quantities=self._quantities(words), slots=slots,
            entities=self._entities({slot["kind"] for slot in slots}), inputs=self._inputs(quantity),
            place="/explore", **found,
        )  # fmt: skip

    def search(self, pairs: Pairs) -> str:
        """Quantities, facts, assumptions and sources that hold every word."""
        query = dict(pairs).get("q", "").strip()[:LONGEST_VALUE]
        found: dict[str, Any] = {"quantities": [], "facts": {"rows": [], "assumptions": [], "sources": []}}
        problem = ""
        if query:
            asked = [("q", query)]
            found["quantities"] = self._api.quantities(asked)["quantities"]
            try:
                found["facts"] = cleaned(self._api.facts(asked))
            except InputError as wrong:
                problem = str(wrong)
        return self._render("search.html", pairs, query=query, found=found, problem=problem, link=link, place="/search")

    def write(self, form: Mapping[str, str], sent: bool = False) -> str:
        """The form of a study; once sent, with the headline's check, first verdicts and the file."""
        pairs = [("lang", form.get("lang", ""))]
        words = self.words(pairs)
        checked: dict[str, Any] | None = None
        claims, verdicts, content, problems = claims_of(form), [], b"", []
        if sent and form.get("chip", "").strip():
            names = ("chip", "model", "count", "days", "tokens", "gpu_hours", "cost")
            try:
                checked = self._api.check([(name, form[name].strip()) for name in names if form.get(name, "").strip()])
            except InputError as problem:
                problems.append(str(problem))
        if sent and not claims:
            claims = offered_claims(form, words.messages)
        elif sent:
            try:
                content = study_file(form, words.language)
                verdicts = first_verdicts(self._session, content)
            except InputError as problem:
                problems.append(str(problem))
        return self._render(
            "write.html", pairs, form=cleaned(form), claims=[*claims, *({} for _ in range(3))][:MOST_CLAIMS],
            checked=checked, verdicts=cleaned(verdicts), file=content.decode(), kinds=KINDS, comparators=COMPARATORS,
            problems=[" ".join(text.split()) for text in problems], quantities=self._quantities(words), place="/write",
        )  # fmt: skip

    def draft(self, form: Mapping[str, str]) -> bytes:
        """The study file of a form. Raises InputError for what is wrong with it."""
        content = study_file(form, language_of([("lang", form.get("lang", ""))]))
        first_verdicts(self._session, content)
        return content

    def refusal(self, status: int, said: str, given: Mapping[str, str]) -> str:
        """A page that says what was wrong."""
        pairs = [("lang", given.get("lang", ""))]
        return self._render("refusal.html", pairs, status=status, said=said, place="/")

    def _render(self, template: str, pairs: Pairs, place: str, **values: Any) -> str:
        words = self.words(pairs)
        frame = self._frame(pairs, place)
        return _environment().get_template(template).render(
            say=words.say, words=words, language=words.language, number=_number(words),
            chance=figures(words.language).probability, **frame, **values
        )  # fmt: skip

    def _frame(self, pairs: Pairs, place: str) -> dict[str, Any]:
        """What the head of every page needs: where it is, and the same page in the other languages."""
        language = language_of(pairs)
        kept = [(name, text) for name, text in pairs if name != "lang" and text]
        pages = {code: f"{place}?{urlencode([*kept, ('lang', code)])}" for code in report_languages()}
        suffix = "" if language == "en" else f"?lang={language}"
        return {"pages": pages, "names": LANGUAGE_NAMES, "place": place, "suffix": suffix}

    def _card(self, name: str, words: Wording) -> dict[str, Any]:
        study = self._living.studies[name]
        text, _ = words.pick(study.text)
        return {
            "name": name,
            "title": str((text or {}).get("title") or name),
            "headline": str((text or {}).get("headline") or ""),
            "claims": len(study.claims),
        }

    def _quantities(self, words: Wording) -> list[tuple[str, str]]:
        return [
            (found.name, words.label({"name": found.name, "label": found.label})[0])
            for found in self._session.catalogue.values()
        ]

    def _slots(self, quantity: str, given: Mapping[str, str], words: Wording) -> list[dict[str, Any]]:
        """The roles that a question for a quantity can fill, those that it must fill first.

        ``default`` is what fills one that is left empty: an entity, or the attribute of another role that it follows.
        """
        catalogue = self._session.catalogue
        if quantity not in catalogue:
            return []
        roles: dict[str, Role] = {}
        waiting = list(catalogue.roles_of(quantity))
        while waiting:
            role = waiting.pop(0)
            roles.setdefault(role.name, role)
            waiting += [role.follows[0]] if role.follows else []
        slots = [
            {
                "name": name,
                "kind": roles[name].kind,
                "label": words.messages.get(f"role_{name}") or name.replace("_", " "),
                "default": roles[name].default or _followed(roles[name]),
                "given": given.get(name, ""),
            }
            for name in catalogue.role_names_of(quantity)
        ]
        return sorted(slots, key=lambda slot: bool(slot["default"]))

    def _entities(self, kinds: set[str]) -> dict[str, dict[str, str]]:
        """Ids and names of the entities of some kinds."""
        every = self._session.facts.entities.items()
        return {kind: {name: entity.name for name, entity in every if kind in entity.kinds} for kind in sorted(kinds)}

    def _inputs(self, quantity: str) -> list[str]:
        """What can be varied: the roles of the quantity, free assumptions and numeric attributes."""
        catalogue, facts = self._session.catalogue, self._session.facts
        roles = catalogue.role_names_of(quantity) if quantity in catalogue else tuple(sorted(catalogue.roles()))
        attributes = {
            name for table in facts.attributes.values() for name, declared in table.items()
            if declared.unit not in (TEXT, DATE)
        }  # fmt: skip
        free = {name for name in facts.assumptions if "." not in name}
        return [*roles, *sorted(attributes | free)]


def _explored(given: Mapping[str, str], pairs: Pairs) -> Terms:
    """The terms that the explore form describes: an entity for a role by its name, pairs of input and values."""
    plain = [(name, text) for name, text in pairs if name not in _PAGE and text.strip()]
    for number in ("1", "2"):
        if given.get(f"vary{number}") and given.get(f"values{number}"):
            plain.append((f"over.{given[f'vary{number}']}", given[f"values{number}"]))
    return read_terms(plain)


def _followed(role: Role) -> str:
    return f"{role.follows[0].name}.{role.follows[1]}" if role.follows else ""


def _pairs(terms: Terms) -> Pairs:
    dated = [("as_of", terms.as_of.isoformat())] if terms.as_of else []
    return [*terms.bindings, *((f"set.{name}", text) for name, text in terms.values), *dated]


def _words(words: Wording, prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): text for key, text in words.messages.items() if key.startswith(prefix)}


def _number(words: Wording) -> Any:
    """Writes a number in the page's language: ``number(value, unit)``, or with its range."""
    written = figures(words.language)

    def write(value: Any, unit: str = "", name: str = "") -> str | Markup:
        if isinstance(value, Mapping):
            shown = written.shown(value, unit, name)
            return shown.value + words.say("in_brackets", text=shown.interval) if shown.interval else shown.value
        return written.value(float(value), unit, name) if isinstance(value, int | float) else str(value or "–")

    return write
