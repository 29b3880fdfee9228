"""The page: a study's report model in, one self-contained HTML document out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from waterline.core.beside import Begin, in_turn
from waterline.core.files import read_cache, write_cache
from waterline.report.safety import cleaned, content_policy
from waterline.report.view import View
from waterline.report.wording import report_languages, wording

__all__ = ["environment", "render_report", "render_reports", "report_languages"]

_HERE = Path(__file__).parent
_STYLES = ("page.css", "parts.css", "panel.css", "chart.css", "print.css")
_SCRIPTS = ("numbers.js", "summary.js")


class _CompiledTemplates(BytecodeCache):
    """Compiled templates of earlier runs among the caches, which cost only time where they cannot be written."""

    def load_bytecode(self, bucket: Bucket) -> None:
        content = read_cache(f"templates/{bucket.key}")
        if content is not None:
            bucket.bytecode_from_string(content)

    def dump_bytecode(self, bucket: Bucket) -> None:
        write_cache(f"templates/{bucket.key}", bucket.bytecode_to_string())


@functools.cache
def environment() -> Environment:
    """The templates of the report."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_CompiledTemplates(),
        auto_reload=False,  # a look at the file's date for each part of a page costs more than the part
    )


@functools.cache
def asset(*names: str) -> str:
    """Files of the assets folder, one after the other."""
    return "\n".join((_HERE / "assets" / name).read_text("utf-8").strip() for name in names)


def style_sheet() -> str:
    """The style of every page."""
    return asset(*_STYLES)


def page_script() -> str:
    """The script of the report."""
    return asset(*_SCRIPTS)


def read_ahead(languages: Sequence[str]) -> None:
    """Read what pages in these languages are made with, so that copies of this process have it as well.

    Raises InputError for a language that is not in `report_languages`.
    """
    for language in languages:
        wording(language).read_ahead()
    for name in environment().list_templates():
        environment().get_template(name)


def render_reports(model: Mapping[str, Any], languages: Sequence[str], begin: Begin = in_turn) -> dict[str, str]:
    """The report of a study in each language, as a complete HTML page that needs nothing from outside itself.

    ``model`` is what `waterline.studies` makes of a study's results; every text in it is treated as untrusted.
    Raises InputError for a language that is not in `report_languages`, and for a text that refers to a number
    that the model does not have. All but the first are begun by ``begin``.
    """
    safe: Mapping[str, Any] = cleaned(model)
    works: list[Callable[[], str]] = [functools.partial(_rendered, safe, language) for language in languages]
    begun = [*works[:1], *(begin(work) for work in works[1:])]
    return {language: work() for language, work in zip(languages, begun, strict=True)}


def render_report(model: Mapping[str, Any], language: str) -> str:
    """The report of a study in one language; see `render_reports`."""
    return render_reports(model, [language])[language]


def _rendered(model: Mapping[str, Any], language: str) -> str:
    view = View(model, wording(language))
    style, script = style_sheet(), page_script()
    return (
        environment()
        .get_template("report.html")
        .render(
            view=view,
            say=view.wording.say,
            policy=Markup(content_policy(style, script)),
            style=Markup(style),
            script=Markup(script),
        )
    )
