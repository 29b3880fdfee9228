"""C++ source without its comments and literals, at the same offsets, so that what is left is code."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

# Every alternative starts with a plain character and cannot fail after a long way: time is linear in the text.
# What is not closed ends with its line (strings) or with the file (comments, raw strings), as compilers read on.
_LITERAL = re.compile(
    r"""//[^\\\n]*(?:\\(?:\r?\n|.|\Z)[^\\\n]*)*
    |/\*(?:[\s\S]*?\*/|[\s\S]*)
    |R"(?<![A-KM-TV-Za-tv-z0-79_]R")([^()\\\s"]{0,16})\((?:[\s\S]*?\)\1"|[\s\S]*)
    |"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"?
    |'(?<![0-9A-Za-z_]')[^'\\\n]{0,8}(?:\\.[^'\\\n]{0,8}){0,2}'""",
    re.VERBOSE | re.ASCII,
)
_SPLICED = re.compile(r"(\w)\\\r?\n(\w+)", re.ASCII)
_INCLUDED = re.compile(r"^([ \t]*#[ \t]*include[ \t]*)(<[^>\n]*>)", re.ASCII | re.MULTILINE)
_NOT_NEWLINE = re.compile(r"[^\n]")


class SourceText:
    """A source file as text of one character a byte: ``text`` as written, ``code`` without comments, literals
    and the paths of headers.

    ``raw_strings`` are the offsets of raw string literals, in which the source of kernels may stand.
    """

    def __init__(self, text: str) -> None:
        self.text = joined(text)
        self.raw_strings: list[tuple[int, int]] = []
        self._unclosed = len(self.text)
        code = _LITERAL.sub(self._blank, self.text)
        self.code = _INCLUDED.sub(lambda found: found.group(1) + " " * len(found.group(2)), code)
        self._newlines = [found.start() for found in re.finditer("\n", self.text)]

    def line(self, offset: int) -> int:
        """Number of the line, from 1, at an offset."""
        return bisect_left(self._newlines, offset) + 1

    def closed_text(self) -> str:
        """The text up to a comment or raw string that nothing closes.

        What scans for the end of one finds none, and scans again from the next sign of one.
        """
        return self.text[: self._unclosed]

    def _blank(self, found: re.Match[str]) -> str:
        literal = found.group()
        if literal[0] == "R":
            self.raw_strings.append(found.span())
        if found.end() == len(self.text) and not _is_closed(literal, found.group(1)):
            self._unclosed = found.start()
        return _NOT_NEWLINE.sub(" ", literal) if "\n" in literal else " " * len(literal)


def _is_closed(literal: str, delimiter: str) -> bool:
    """Whether a comment or raw string has its end; true of all else, which ends with its line."""
    if literal.startswith("/*"):
        return len(literal) >= len("/**/") and literal.endswith("*/")
    return literal[0] != "R" or literal.endswith(f'){delimiter}"')


def literals(text: str) -> Iterator[tuple[int, int, str]]:
    """Comments and literals of a source: start, end, and which it is."""
    kinds = {"/": "comment", "R": "raw string", '"': "string", "'": "character"}
    for found in _LITERAL.finditer(text):
        yield found.start(), found.end(), kinds[found.group()[0]]


def joined(text: str) -> str:
    """Text in which no word is cut by a backslash at the end of a line; the number of lines stays."""
    if "\\\n" not in text and "\\\r\n" not in text:
        return text
    return _SPLICED.sub("\\1\\2\\\\\n", text)
