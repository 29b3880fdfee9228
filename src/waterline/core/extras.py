"""Libraries that only some commands need: asked for by the name of the extra that brings them."""

from __future__ import annotations

import importlib.util

from waterline.core.errors import InputError


def require(extra: str, *modules: str) -> None:
    """Raise InputError naming the extra to install when one of its modules is missing."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise InputError(f"this needs {' and '.join(missing)}: install it with pip install 'waterline[{extra}]'")
