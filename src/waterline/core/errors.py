"""Errors that a user can act on. Each message says what is wrong, where, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable


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
    import difflib

    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.55)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return error(f"unknown {what} {name!r}{hint}")
