"""The printed report: the page's own texts and numbers, typeset as a PDF. The typesetter is the extra ``pdf``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from markupsafe import Markup

from waterline.core.errors import InputError
from waterline.report.chart import drawing
from waterline.report.iceberg_print import iceberg_svg
from waterline.report.pictures import DrawnPicture
from waterline.report.safety import cleaned, link
from waterline.report.sources import Source
from waterline.report.view import View
from waterline.report.wording import ENGLISH, SIMPLIFIED, TRADITIONAL, wording

PAPERS = {"a4": "a4", "letter": "us-letter"}
MOST_COLUMNS = 8  # places on an axis that stand side by side
WIDEST, HIGHEST = 720.0, 420.0  # drawing units of a picture that takes the whole width of the text, or all it may
_SERIF = {
    TRADITIONAL: ("Noto Serif CJK TC", "Source Han Serif TC", "Songti TC", "PMingLiU", "MingLiU"),
    SIMPLIFIED: ("Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun", "NSimSun"),
}
_SANS = {
    TRADITIONAL: ("Noto Sans CJK TC", "Source Han Sans TC", "PingFang TC", "Heiti TC", "Microsoft JhengHei"),
    SIMPLIFIED: ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Heiti SC", "Microsoft YaHei"),
}
_LATIN_SERIF, _LATIN_SANS = "Libertinus Serif", "DejaVu Sans"


def render_pdf(model: Mapping[str, Any], language: str, paper: str = "a4") -> bytes:
    """The report of a study as a PDF; the same model gives the same bytes.

    Raises InputError where the typesetter is not installed, for a paper that is none of `PAPERS`, and for a Chinese
    report on a machine without a Chinese font.
    """
    if paper not in PAPERS:
        raise InputError(f"paper is {' or '.join(PAPERS)}, not {paper!r}")
    try:
        import typst
    except ImportError:
        raise InputError("a PDF needs the pdf extra: pip install 'waterline[pdf]'") from None
    view = View(cleaned(model), wording(language))
    serif, sans = _fonts(language, set(typst.Fonts().families()))
    data = {**document(view), "paper": PAPERS[paper], "serif": serif, "sans": sans}
    template = resources.files("waterline.report").joinpath("typeset", "report.typ").read_bytes()
    return bytes(typst.compile(template, format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}))


def _fonts(language: str, known: set[str]) -> tuple[list[str], list[str]]:
    """Serif and sans-serif families, first choice first. Raises InputError when Chinese cannot be set."""
    wanted = SIMPLIFIED if language == SIMPLIFIED else TRADITIONAL
    serif = [name for name in _SERIF[wanted] if name in known]
    sans = [name for name in _SANS[wanted] if name in known]
    if language != ENGLISH and not serif and not sans:
        raise InputError(
            f"no Chinese font was found for {language}: install Noto CJK "
            "(Debian and Ubuntu: apt-get install fonts-noto-cjk; elsewhere: fonts.google.com/noto)"
        )
    return [_LATIN_SERIF, *(serif or sans)], [name for name in (_LATIN_SANS, *(sans or serif)) if name in known]


def document(view: View) -> dict[str, Any]:
    """What the template takes, as plain data: texts, numbers as texts, drawings."""
    words, model = view.wording, view.model
    written = {identity: view.claims.claim(identity) for identity in model["claims"]}
    places = {source: place for place, source in enumerate(view.notes.sources.listed, start=1)}
    claims = {identity: _claim(view, claim, places) for identity, claim in written.items()}
    dates = [words.say("as_of", date=words.day(model["as_of"]))]
    if model["earlier_as_of"]:
        dates.append(words.say("compared_with", date=words.day(model["earlier_as_of"])))
    language, region = {ENGLISH: ("en", "us"), TRADITIONAL: ("zh", "tw"), SIMPLIFIED: ("zh", "cn")}[view.language]
    counts = dict(view.tally())
    verdicts = words.say("tally_text", **counts)
    return {
        "lang": language,
        "region": region,
        "words": dict(words.messages),
        "title": view.title,
        "headline": _plain(view.text("headline")),
        "as_of": words.day(model["as_of"]),
        "dates": " · ".join(dates),
        "lead": _plain(view.body("lead")),
        "answer": [_plain(sentence) for sentence in view.answer],
        "iceberg": _iceberg(view),
        "definitions": _definitions(view),
        "tally": words.say("tally_line", tally=words.say("tally", count=len(claims)), verdicts=verdicts),
        "claims": list(claims.values()),
        "sections": [_section(view, key, [claims[claim["id"]] for claim in found])
                     for key, found in view.claims.sections],
        "assumptions": _assumptions(view),
        "sources_lead": words.say("sources_lead", count=len(view.notes.sources.listed)),
        "sources": [
            {"title": source.title or source.url, "url": link(source.url),
             "publisher": source.publisher,
             "about": ", ".join(part for part in (words.day(source.known), source.trust) if part)}
            for source in view.notes.sources.listed
        ],
        "command": f"{view.command()} --pdf",
        "versions": f"{words.say('version')} {model['version']} · {words.say('seed')} {model['seed']} · "
                    f"{words.say('samples')} {view.figures.value(model['samples'], 'count')}",
    }  # fmt: skip


def _section(view: View, key: str, claims: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    title = _plain(view.text("sections", key, "title")) or view.wording.say("other_claims")
    pictures = [picture for picture in view.model["pictures"] if picture["section"] == key and picture["rows"]]
    return {
        "title": title,
        "body": _paragraphs(view.body("sections", key, "body")),
        "pictures": [_picture(view, picture) for picture in pictures],
        "claims": claims,
    }


def _picture(view: View, picture: Mapping[str, Any]) -> dict[str, Any]:
    drawn, svg = view.pictures.draw(picture), drawing(view.pictures.specified(picture))
    width, height = (float(svg.partition(f'{side}="')[2].partition('"')[0]) for side in ("width", "height"))
    return {
        "title": _plain(drawn.title),
        "caption": _plain(drawn.caption),
        "svg": svg,
        "width": 100.0 * width / WIDEST * min(1.0, WIDEST / width, HIGHEST / height),
        **_table(drawn, len(picture["axes"])),
    }


def _table(drawn: DrawnPicture, axes: int) -> dict[str, Any]:
    """A picture's numbers: a column for each place on its first axis if these are few, else a row for each number.

    A cell is a number with its range; ``heads`` is how many columns of a row say where on the other axes it stands.
    """
    first = len(drawn.columns) - 2 - axes
    rows = [(tuple(map(_plain, heads)), (_plain(number), interval)) for heads, number, interval in drawn.rows]
    across = list(dict.fromkeys(heads[first] for heads, _ in rows))
    if len(across) > MOST_COLUMNS:
        written = [[*heads, cell] for heads, cell in rows]
        return {"across": "", "columns": drawn.columns[:-1], "heads": first + axes, "rows": written}
    crossed: dict[tuple[str, ...], dict[str, tuple[str, str]]] = {}
    for heads, cell in rows:
        crossed.setdefault(heads[:first] + heads[first + 1 :], {})[heads[first]] = cell
    return {
        "across": drawn.columns[first],
        "columns": [*drawn.columns[:first], *drawn.columns[first + 1 : -2], *across],
        "heads": first + axes - 1,
        "rows": [[*heads, *(cells.get(place, ("–", "")) for place in across)] for heads, cells in crossed.items()],
    }


def _assumptions(view: View) -> list[dict[str, Any]]:
    """Assumptions under the reason that they share, in the order of the notes."""
    groups: dict[str, list[dict[str, str]]] = {}
    for entry in view.notes.assumptions():
        label, shown = _plain(view.notes.label(entry.id)), entry.shown
        groups.setdefault(_plain(entry.reason), []).append(
            {"label": label, "value": shown.value, "interval": shown.interval}
        )
    return [{"reason": reason, "values": values} for reason, values in groups.items()]


def _claim(view: View, claim: Mapping[str, Any], places: Mapping[Source, int]) -> dict[str, Any]:
    """A claim as the template takes it; its sources are their numbers in the list at the end."""
    words, earlier = view.wording, claim["earlier"]
    before = ""
    if earlier:
        before = words.say("was", date=words.day(view.model["earlier_as_of"]), judged=earlier["judged"])
    return {
        **{key: _plain(claim[key]) for key in ("id", "kind", "text", "stated", "estimate", "finding", "reason")},
        "verdict": claim["verdict"],
        "sure": claim["sure"],
        "earlier": before,
        "sources": sorted({places[cited["source"]] for cited in claim["sources"]}),
    }


def _iceberg(view: View) -> dict[str, Any] | None:
    picture, rows = view.picture, view.iceberg_rows
    if picture is None:
        return None
    caption = f"{_plain(view.text('iceberg', 'caption'))}{view.wording.say('iceberg_areas')}".strip()
    return {
        "svg": iceberg_svg(picture),
        "caption": caption,
        "rows": [
            {"key": str(number), "label": row["label"], "value": row["shown"].value,
             "interval": row["shown"].interval or "–", "share": row["share"]}
            for number, row in enumerate(rows, start=1)
        ],
    }  # fmt: skip


def _definitions(view: View) -> dict[str, Any] | None:
    table = view.model["definitions"]
    if not table:
        return None
    rows = []
    for row in view.definition_rows():
        node = view.model["nodes"][row["node"]]
        shown = view.figures.shown(node, str(node["unit"]), str(node["name"]))
        rows.append({"label": _plain(row["label"]), "value": shown.value, "interval": shown.interval,
                     "chances": [str(chance["text"]) for chance in row["chances"]]})  # fmt: skip
    return {"figures": view.definition_figures(), "rows": rows}


def _paragraphs(text: Markup) -> list[str]:
    """The paragraphs of a text of the page, each without its markup."""
    return [plain for part in text.split("</p>") if (plain := _plain(part))]


def _plain(text: object) -> str:
    """A text of the page without its markup."""
    return Markup(text if isinstance(text, Markup) else Markup.escape(text)).striptags()
