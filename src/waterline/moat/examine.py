"""One file: read within bounds, decoded, and handed to the examiner of its language. Nothing is ever executed."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from dataclasses import dataclass

import msgspec

from waterline.moat import build, cpp, python
from waterline.moat.findings import Findings, line_count

LARGEST_READ = 8_000_000  # bytes of one file; generated tables are longer, code is not
_BINARY_SAMPLE = 8192
_MENTIONS = {
    "cuda": cpp.mentions_cuda,
    "c++": cpp.mentions_cuda,
    "python": python.mentions_cuda,
    "build": build.mentions_cuda,
}
_WIDE = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
         codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """What was read of a file: bytes (as UTF-8 where they were not), their digest, whether that is all of it."""

    data: bytes
    digest: bytes
    whole: bool


class UnreadableError(Exception):
    """A file that cannot be read as source; the message says why."""


def read_content(path: str, language: str) -> Content:
    """Read a file up to `LARGEST_READ`. Raises UnreadableError for what vanished, is forbidden, or is not text."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise UnreadableError("not a regular file")
            data = stream.read(LARGEST_READ + 1)
    except OSError as problem:
        raise UnreadableError(f"cannot be read: {problem.strerror}") from None
    digest = hashlib.sha256(language.encode() + data).digest()[:16]
    whole = len(data) <= LARGEST_READ
    return Content(_as_utf8(data if whole else data[:LARGEST_READ]), digest, whole)


def mentions_cuda(content: Content, language: str) -> bool:
    """The first pass: False when the content certainly holds no touchpoint."""
    return _MENTIONS[language](content.data)


def examine(content: Content, language: str, name: str) -> Findings:
    """What is in a file's content. The second pass, and parsing, happen only where the first finds something."""
    data = content.data
    notes = () if content.whole else (f"only the first {LARGEST_READ:,} bytes were read",)
    if not mentions_cuda(content, language):
        return Findings(language=language, lines=line_count(data), notes=notes)
    if language == "python":
        found = python.examine_python(_text(data), build=os.path.basename(name) == "setup.py")
    elif language == "build":
        found = build.examine_build(_text(data))
    else:
        found = cpp.examine_cpp(data.decode("latin-1"), language)
    return msgspec.structs.replace(found, notes=found.notes + notes) if notes else found


def _as_utf8(data: bytes) -> bytes:
    """Bytes without a mark at their start, wide encodings rewritten. Raises UnreadableError for binary content."""
    for mark, encoding in _WIDE.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace").encode("utf-8", "replace")
    if b"\0" in data[:_BINARY_SAMPLE]:
        raise UnreadableError("binary")
    return data


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
