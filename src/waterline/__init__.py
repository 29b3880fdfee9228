"""Waterline: what is under an AI-compute headline.

    import waterline as wl

    wl.ask("rental_cost", model="deepseek-v3", chip="h800").summary.median

The verbs are those of the command line. Everything is imported when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from waterline.core.version import __version__

if TYPE_CHECKING:
    from waterline.core.answer import Answer
    from waterline.core.errors import InputError, WaterlineError
    from waterline.core.scenario import Scenario
    from waterline.questions.verbs import ask, compare, explain
    from waterline.studies.verbs import study

__all__ = ["Answer", "InputError", "Scenario", "WaterlineError", "__version__", "ask", "compare", "explain", "study"]

_HOMES = {
    "Answer": "waterline.core.answer",
    "InputError": "waterline.core.errors",
    "Scenario": "waterline.core.scenario",
    "WaterlineError": "waterline.core.errors",
    "ask": "waterline.questions.verbs",
    "compare": "waterline.questions.verbs",
    "explain": "waterline.questions.verbs",
    "study": "waterline.studies.verbs",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'waterline' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
