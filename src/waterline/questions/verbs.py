"""The verbs of the command line as plain functions, for notebooks and other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from waterline.core.answer import Answer
from waterline.core.notebook import Tree
from waterline.core.scenario import DEFAULT_SAMPLES, Scenario, parse_override
from waterline.questions.comparison import Comparison
from waterline.questions.session import default_session, today


def ask(
    quantity: str,
    *,
    as_of: date | None = None,
    set: Mapping[str, str] | None = None,
    samples: int = DEFAULT_SAMPLES,
    seed: int = 1,
    **bindings: str | float,
) -> Answer:
    """One number: ``ask("rental_cost", model="deepseek-v3", set={"rental_price": "1.2..3.5 USD/hour"})``.

    A binding may be a number (``utilisation=0.6``). A role named as a Python keyword takes an underscore (``from_``).
    Raises InputError for anything wrong with the question.
    """
    return default_session().ask(quantity, _scenario(as_of, set, samples, seed, bindings))


def explain(
    quantity: str,
    *,
    depth: int | None = None,
    as_of: date | None = None,
    set: Mapping[str, str] | None = None,
    samples: int = DEFAULT_SAMPLES,
    seed: int = 1,
    **bindings: str | float,
) -> Tree:
    """The tree under a number, as nested plain data (see `waterline.core.trace.tree`) that shows itself."""
    return default_session().ask(quantity, _scenario(as_of, set, samples, seed, bindings)).explain(depth)


def compare(
    quantity: str,
    role: str,
    entities: Sequence[str],
    *,
    as_of: date | None = None,
    set: Mapping[str, str] | None = None,
    samples: int = DEFAULT_SAMPLES,
    seed: int = 1,
    **bindings: str | float,
) -> Comparison:
    """The same question for several entities in one role, in shared draws."""
    return default_session().compare(quantity, role, entities, _scenario(as_of, set, samples, seed, bindings))


def _scenario(
    as_of: date | None,
    overrides: Mapping[str, str] | None,
    samples: int,
    seed: int,
    bindings: Mapping[str, str | float],
) -> Scenario:
    given = {name: parse_override(name, text) for name, text in (overrides or {}).items()}
    bound = {name.removesuffix("_"): str(value) for name, value in bindings.items()}
    return Scenario(as_of or today(), bound, given, samples, seed)
