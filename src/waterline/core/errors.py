"""Errors that a user can act on. Each message says what is wrong, where, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST_NAME = 100  # characters that a message shows, and that are compared with other names


class WaterlineError(Exception):
    """Base of every error that Waterline raises on purpose."""


class InputError(WaterlineError):
    """The question, file or option is wrong; the command line answers it with exit code 2."""


class UnknownNameError(InputError):
    """Nothing goes by that name."""


class UnitError(InputError):
    """Two units that must agree do not."""


class GraphError(InputError):
    """The quantities asked for do not form a graph: a cycle, an unknown name, an unbound role."""


class MissingFactError(InputError):
    """A leaf has neither a fact known as of the date nor an assumption."""


class NumberError(InputError):
    """A formula produced a value that is not a finite number, or divided by a range that spans zero."""


def unknown(what: str, name: str, known: Iterable[str], error: type[InputError] = UnknownNameError) -> InputError:
    """Build the error for a name that is not among ``known``, with the nearest names as a suggestion."""
    near = nearest(name, known, 3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return error(f"unknown {what} {shortened(name)!r}{hint}")


def nearest(name: str, known: Iterable[str], most: int) -> list[str]:
    """Names like ``name``, the nearest first; none for one longer than `LONGEST_NAME`, which takes cubic time."""
    import difflib

    return difflib.get_close_matches(name, list(known), n=most, cutoff=0.55) if len(name) <= LONGEST_NAME else []


def shortened(name: str) -> str:
    """A name as messages show it: `LONGEST_NAME` characters at most."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
