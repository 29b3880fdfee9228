"""A quantity: a named, documented, unit-carrying pure function of attributes, assumptions and other quantities.

    chip, model = Role("chip"), Role("model")

    @quantity("USD", training_gpu_hours="hour", rental_price=chip("USD/hour"))
    def rental_cost(training_gpu_hours: Samples, rental_price: Samples) -> Samples:
        '''Rent of the accelerators for the final training run.

        rental_cost = training_gpu_hours × rental_price

        Source: DeepSeek-V3 Technical Report, table 1.
        '''
        return training_gpu_hours * rental_price

A unit alone means: the quantity or the assumption of that name. ``chip("USD/hour")`` means: the attribute of that
name of whatever entity fills the role. ``of(...)`` means: another quantity with its roles filled differently.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType

from waterline.core.distribution import Samples
from waterline.core.errors import GraphError

Formula = Callable[..., Samples]
Bounds = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Role:
    """A slot that an entity fills in a question.

    ``kind`` is the kind of entity that fits (the role's own name when left out). A role that the question does
    not fill takes the entity named by ``follows``, an attribute of another role (the chip that a model was
    trained on), or else ``default``.
    """

    name: str
    kind: str = ""
    follows: tuple[Role, str] | None = None
    default: str | None = None

    def __post_init__(self) -> None:
        if not self.kind:
            object.__setattr__(self, "kind", self.name)

    def __call__(
        self, unit: str, attribute: str = "", on: tuple[Role, str] | None = None, optional: bool = False
    ) -> Reads:
        """The role's attribute as an input; ``on`` names a date attribute at which to look it up.

        An ``optional`` one that nothing is known of is left to the formula's own default, not to what is assumed of
        the whole kind.
        """
        return Reads(self, unit, attribute, on, optional)

    def via(self, attribute: str) -> Role:
        """The entity that this role's entity names in ``attribute`` (a quarter's year-ago quarter)."""
        return Role(f"{self.name}.{attribute}", self.kind, follows=(self, attribute))

    def roots(self) -> frozenset[str]:
        """Names of the roles that a question can fill to settle this one."""
        upper = self.follows[0].roots() if self.follows else frozenset[str]()
        return upper if "." in self.name else upper | {self.name}


@dataclass(frozen=True, slots=True)
class Reads:
    """Input: an attribute of the entity in a role."""

    role: Role
    unit: str
    attribute: str = ""
    on: tuple[Role, str] | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Needs:
    """Input: the quantity or assumption ``name``, asked with the roles in ``renamed`` filled from others."""

    name: str
    unit: str
    renamed: tuple[tuple[str, Role], ...] = ()


def of(name: str, unit: str, **roles: Role) -> Needs:
    """Another quantity with its roles filled differently: ``of("rental_cost", "USD", model=rival_model)``."""
    return Needs(name, unit, tuple(sorted(roles.items())))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A declared formula. Calling it calls the plain function.

    ``fingerprint`` changes whenever the declaration or the function's code changes. ``within`` are the bounds of a
    value that a question may put in the formula's place. ``looked_up`` are its own name and those of the
    quantities and assumptions that it needs.
    """

    name: str
    unit: str
    formula: Formula
    inputs: Mapping[str, Reads | Needs]
    reported: Reads | None
    opaque: bool
    layer: str
    within: Bounds = (None, None)
    label: str = field(init=False)
    equation: str = field(init=False)
    _fingerprint: bytes = field(init=False, repr=False, compare=False, default=b"")
    looked_up: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        paragraphs = inspect.cleandoc(self.formula.__doc__ or "").split("\n\n")
        label = paragraphs[0]
        equation = " ".join(next((text for text in paragraphs if text.startswith(f"{self.name} = ")), "").split())
        if not label or not equation:
            raise GraphError(
                f"quantity {self.name!r}: its docstring needs a first line and a paragraph '{self.name} = …'"
            )
        object.__setattr__(self, "label", " ".join(label.split()).rstrip("."))
        object.__setattr__(self, "equation", equation)
        needed = (origin.name for origin in self.inputs.values() if isinstance(origin, Needs))
        object.__setattr__(self, "looked_up", frozenset((self.name, *needed)))

    @property
    def fingerprint(self) -> bytes:
        """Worked out when first asked for: a question needs that of few quantities, and there are hundreds."""
        if not self._fingerprint:
            declared = repr((self.name, self.unit, sorted(self.inputs.items())))
            content = declared.encode() + _code(self.formula.__code__)
            object.__setattr__(self, "_fingerprint", hashlib.blake2b(content, digest_size=12).digest())
        return self._fingerprint

    def __call__(self, *values: Samples, **named: Samples) -> Samples:
        return self.formula(*values, **named)

    @property
    def documentation(self) -> str:
        """The formula's docstring."""
        return inspect.cleandoc(self.formula.__doc__ or "")


def quantity(
    unit: str,
    *,
    reported: Reads | Role | None = None,
    opaque: bool = False,
    within: Bounds = (None, None),
    **inputs: str | Reads | Needs,
) -> Callable[[Formula], Quantity]:
    """Declare a function as a quantity in ``unit``; keywords give each argument's unit or origin.

    ``reported``: a role whose entity may carry the value as a fact, which is then used instead of the formula.
    ``opaque``: the formula's own dimensions cannot be checked (it compounds by the year, say); its inputs still are.
    ``within``: the least and the greatest value that a question may set in its place (a share lies in 0 to 1).
    """

    def declare(function: Formula) -> Quantity:
        name = function.__name__
        arguments = list(inputs) if _takes_all(function.__code__) else _arguments(function.__code__)
        if sorted(arguments) != sorted(inputs):
            raise GraphError(f"quantity {name!r}: declared inputs {sorted(inputs)} are not its arguments {arguments}")
        measured = Reads(reported, unit) if isinstance(reported, Role) else reported
        return Quantity(
            name=name,
            unit=unit,
            formula=function,
            inputs={argument: _origin(argument, inputs[argument]) for argument in arguments},
            reported=_named(name, measured) if measured else None,
            opaque=opaque,
            within=within,
            layer=_layer(function.__module__ or "__main__"),
        )

    return declare


def _layer(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def _origin(argument: str, given: str | Reads | Needs) -> Reads | Needs:
    if isinstance(given, str):
        return Needs(argument, given)
    return _named(argument, given) if isinstance(given, Reads) else given


def _named(argument: str, reads: Reads) -> Reads:
    return reads if reads.attribute else Reads(reads.role, reads.unit, argument, reads.on, reads.optional)


def _takes_all(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_VARKEYWORDS)


def _arguments(code: CodeType) -> list[str]:
    """Names of a function's arguments, from its code: `inspect.signature` takes ten times as long, for each of all."""
    positional = 1 if code.co_flags & inspect.CO_VARARGS else 0
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + positional])


def _code(code: CodeType) -> bytes:
    """Bytes of a function and of the functions inside it, without file names and line numbers."""
    constants = b"".join(
        _code(constant) if isinstance(constant, CodeType) else repr(constant).encode() for constant in code.co_consts
    )
    return code.co_code + constants + repr(code.co_names).encode()
