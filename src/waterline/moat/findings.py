"""What was found in a file: touchpoints by name, and what else decides how hard they are to move."""

from __future__ import annotations

from typing import AnyStr, Literal

import msgspec

Kind = Literal[
    "api", "unknown", "keyword", "launch", "library", "template", "tensor core", "assembly", "hardware", "python",
    "build",
]  # fmt: skip


class Touchpoint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name by which a file is bound to CUDA, and the lines (from 1, one entry an occurrence) on which it stands.

    ``library``: cudart, cublas, cute …; for Python the family (torch, rapids), for build files ``build``.
    """

    kind: Kind
    library: str
    name: str
    lines: tuple[int, ...]


class Findings(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Everything found in one file; depends on its content and name alone.

    ``layers``: portability layers it uses; ``aliases``: CUDA names that it maps to another platform's;
    ``defined``: CUDA-like names that it defines itself; ``kernels``: device kernels defined;
    ``parsed``: ``tree`` when the grammar read it without error, ``tokens`` when only its tokens could be used;
    ``notes``: what could not be done, in words.
    """

    language: str
    lines: int
    device: bool = False
    parsed: str = ""
    kernels: int = 0
    touchpoints: tuple[Touchpoint, ...] = ()
    layers: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    defined: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True when nothing in the file matters to the result beyond its lines."""
        return not (self.touchpoints or self.layers or self.aliases or self.defined or self.notes)


def line_count(text: AnyStr) -> int:
    """Lines of a text; a last one without an end counts."""
    end = "\n" if isinstance(text, str) else b"\n"
    return text.count(end) + (not text.endswith(end) and bool(text))


class Gathered:
    """Touchpoints of a file while it is being read."""

    def __init__(self) -> None:
        self._lines: dict[tuple[Kind, str, str], list[int]] = {}

    def add(self, kind: Kind, library: str, name: str, line: int) -> None:
        """One occurrence on ``line``."""
        self._lines.setdefault((kind, library, name), []).append(line)

    def extend(self, others: tuple[Touchpoint, ...], after: int = 0) -> None:
        """The touchpoints of a part of the file that starts after line ``after``."""
        for other in others:
            for line in other.lines:
                self.add(other.kind, other.library, other.name, line + after)

    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """All of them, in order of kind, library and name."""
        return tuple(Touchpoint(*key, tuple(sorted(lines))) for key, lines in sorted(self._lines.items()))

    def __len__(self) -> int:
        return len(self._lines)
