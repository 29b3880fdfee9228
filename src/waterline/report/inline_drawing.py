"""An SVG drawing as a part of the page: named for those who do not see it, small, and in the page's colours."""

from __future__ import annotations

import re

from markupsafe import Markup

_ROOT = re.compile(r"<svg [^>]*?width=\"([\d.]+)\"[^>]*?viewBox=\"([^\"]+)\"[^>]*>")
_SPOKEN = re.compile(r" (?:aria-label|aria-roledescription|aria-hidden|role|pointer-events)=\"[^\"]*\"")
_NOTHING = re.compile(r"<path class=\"(?:background|foreground)\"[^>]* d=\"(?:M0,0h0v0h0Z)?\"[^>]*/>")
_TAG = re.compile(r"<[^>]+>")
_FINE = re.compile(r"(\d+\.\d{2})\d+")
_FONT = re.compile(r" font-family=\"[^\"]*\"")


def inline_drawing(svg: str, identity: str, title: str, description: str) -> Markup:
    """``svg`` (as the chart library draws it, its texts escaped) with an id of its own, a title and a description."""
    root = _ROOT.search(svg)
    if root is None:
        return Markup("")
    body = svg[root.end() :]
    for pattern in (_SPOKEN, _FONT, _NOTHING):
        body = pattern.sub("", body)
    body = _TAG.sub(lambda tag: _FINE.sub(r"\1", tag[0]), body)  # places, and not the numbers that are read
    body = re.sub(r"(url\(#|id=\")(clip|gradient_)", rf"\1{identity}-\2", body)
    head = Markup(
        '<svg class="chart" width="{0}" viewBox="{1}" role="img" aria-labelledby="{2}-title {2}-desc">'
        '<title id="{2}-title">{3}</title><desc id="{2}-desc">{4}</desc>'
    ).format(root[1], root[2], identity, title, description)
    return head + Markup(body)
