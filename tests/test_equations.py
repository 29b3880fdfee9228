"""What a quantity says it computes is what it computes: its equation, read as arithmetic, beside its formula.

An equation in words (a loop, an engine's answer) cannot be read so; how many can is held too.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import re

import numpy as np
import pytest

from waterline.core.errors import NumberError
from waterline.core.quantity import Quantity
from waterline.questions.catalogue import shipped_catalogue

SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "²": "**2", "³": "**3", "^": "**"})
FUNCTIONS = {
    "min": lambda *values: functools.reduce(np.minimum, values),
    "max": lambda *values: functools.reduce(np.maximum, values),
    "exp": np.exp, "log": np.log, "ln": np.log,
}  # fmt: skip
RANGES = ((0.01, 0.1), (0.1, 0.9), (1.0, 30.0), (0.2, 400.0))
REFUSES_INVENTED = {"laboratory_share"}  # shares drawn at random exceed the whole
NEVER = 1e9  # what stands for no number at all


def expression(found: Quantity) -> str | None:
    """The right side of a quantity's equation as Python, or None where it is not arithmetic on the inputs alone."""
    text = found.equation.split(" = ", 1)[1].rstrip(".").translate(SIGNS)
    text = re.sub(r"√(\w+|\()", lambda match: f"np.sqrt({match[1]})" if match[1] != "(" else "np.sqrt(", text)
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(r"^(.*), rounded up$", r"np.ceil(\1)", text)
    try:
        names = {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
    except SyntaxError:
        return None
    return text if names <= {*found.inputs, *FUNCTIONS, "np"} else None


READ = {name: text for name, found in shipped_catalogue().items() if (text := expression(found)) is not None}


@pytest.mark.parametrize("name", sorted(READ))
def test_the_formula_is_the_equation(name: str) -> None:
    found = shipped_catalogue()[name]
    generator = np.random.default_rng(1)
    compared = 0
    for low, high in RANGES:
        values = {argument: generator.uniform(low, high, 64) for argument in found.inputs}
        with np.errstate(all="ignore"), contextlib.suppress(NumberError):  # shares that exceed the whole are refused
            computed = np.broadcast_to(found.formula(**values), 64)
            stated = np.broadcast_to(eval(READ[name], {"np": np, **FUNCTIONS}, values), 64)
            there = computed != NEVER
            np.testing.assert_allclose(computed[there], stated[there], rtol=1e-9)
            compared += int(there.sum())
    if name not in REFUSES_INVENTED:
        assert compared >= 16


def test_most_equations_can_be_read() -> None:
    layers = {layer: [name for name, found in shipped_catalogue().items() if found.layer == layer]
              for layer in ("cost", "demand", "market")}  # fmt: skip
    shares = {layer: sum(name in READ for name in names) / len(names) for layer, names in layers.items()}
    assert min(shares.values()) > 0.6, shares
