"""The server: each verb a tool with a typed schema. Tools only read, and every number they give comes with its sources.

The protocol's own library is the extra ``mcp``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

import waterline
from waterline.core.errors import InputError
from waterline.core.scenario import Scenario, parse_override
from waterline.facts.present import search_record
from waterline.questions.headline import Published
from waterline.questions.headline import check as check_headline
from waterline.questions.session import Session, default_session, today
from waterline.studies.read import read_study, shipped_studies
from waterline.studies.verbs import run

INSTRUCTIONS = """\
Waterline answers questions about AI compute from cited facts and openly stated assumptions. Every number has a median,
a 90% range (p05 to p95), a unit, its sources with dates and trust grades (A primary, B secondary, C estimate or leak),
and its assumptions with reasons. When you report a number, give the range, say which inputs are assumptions, and cite
the sources by title and address. Start with `quantities` and `facts_find` for names; `explain` shows what a number
rests on and what moves it most; `set` replaces a value ('2.5 USD/hour', '1.8..2.6', '1,2,4'); `as_of` leaves out what
was published later. This is not investment advice."""

MOST_SAMPLES = 65_536
MOST_FOUND = 50

Quantity = Annotated[str, Field(description="A quantity, an assumption, or ENTITY.ATTRIBUTE such as h800.rental_price")]
Roles = Annotated[
    dict[str, str] | None, Field(description="Who fills the roles: {'model': 'deepseek-v3', 'chip': 'h800'}")
]
Values = Annotated[
    dict[str, str] | None,
    Field(description="Values in place of facts or assumptions: {'h800.rental_price': '1.8..2.6 USD/hour'}"),
]
AsOf = Annotated[date | None, Field(description="Use only what was known on that day (default: today)")]
Samples = Annotated[int, Field(ge=16, le=MOST_SAMPLES, description="Number of samples")]
Seed = Annotated[int, Field(ge=0, lt=2**31, description="Seed of the samples")]
Positive = Annotated[float | None, Field(gt=0)]
Document = dict[str, Any]

_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


def server() -> MCPServer:
    """The server with all tools, on the shipped facts and quantities."""
    tools = _Tools(default_session())
    made = MCPServer("waterline", instructions=INSTRUCTIONS, version=waterline.__version__, log_level="ERROR")
    for name, tool in (
        ("ask", tools.ask),
        ("explain", tools.explain),
        ("compare", tools.compare),
        ("check", tools.check),
        ("study", tools.study),
        ("facts_find", tools.facts_find),
        ("quantities", tools.quantities),
    ):
        _add(made, name, tool)
    return made


def _add(made: MCPServer, name: str, tool: Callable[..., Document]) -> None:
    made.tool(name, description=tool.__doc__, annotations=_READS, structured_output=True)(tool)


class _Tools:
    """The tools; a question that is wrong comes back as one line that says what would be right."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(
        self, quantity: Quantity, roles: Roles = None, set: Values = None, as_of: AsOf = None, samples: Samples = 8192,
        seed: Seed = 1,
    ) -> Document:  # fmt: skip
        """One number with its 90% range, unit, sources and assumptions."""
        return _told(lambda: self._session.ask(quantity, _scenario(roles, set, as_of, samples, seed)).to_dict())

    def explain(
        self, quantity: Quantity, roles: Roles = None, set: Values = None, as_of: AsOf = None,
        depth: Annotated[int, Field(ge=0, le=40, description="Levels of inputs to show")] = 3,
    ) -> Document:  # fmt: skip
        """What a number rests on: formula, inputs and sources as a tree, and which inputs move it most."""
        return _told(lambda: self._session.ask(quantity, _scenario(roles, set, as_of)).explanation(depth))

    def compare(
        self, quantity: Quantity, role: Annotated[str, Field(description="The role that differs, such as chip")],
        entities: Annotated[list[str], Field(min_length=2, max_length=20, description="Who fills it; first the base")],
        roles: Roles = None, set: Values = None, as_of: AsOf = None,
    ) -> Document:  # fmt: skip
        """The same number for several entities in shared draws: each with its ratio to the first and P(above it)."""

        def answer() -> Document:
            scenario = _scenario(roles, set, as_of)
            return self._session.compare(quantity, role, entities, scenario).to_dict()

        return _told(answer)

    def check(
        self, model: str, chip: str, count: Annotated[int | None, Field(gt=0, description="Accelerators")] = None,
        days: Positive = None, tokens: Positive = None, gpu_hours: Positive = None,
        cost: Annotated[float | None, Field(gt=0, description="USD")] = None, as_of: AsOf = None,
    ) -> Document:  # fmt: skip
        """Test a training headline: do its figures agree with each other and with physics, and what do they imply?"""
        published = Published(
            chip=chip, model=model, count=count, days=days, tokens=tokens, gpu_hours=gpu_hours, cost=cost
        )
        return _told(lambda: check_headline(self._session, published, _scenario(None, None, as_of)))

    def study(
        self, name: Annotated[str, Field(description="A study that comes with Waterline, such as deepseek-shock")],
        set: Values = None, as_of: AsOf = None,
    ) -> Document:  # fmt: skip
        """A study's claims with verdict, probability, estimate, sources and reason."""

        def answer() -> Document:
            if name not in shipped_studies():
                raise InputError(f"unknown study {name!r}; there are {', '.join(shipped_studies())}")
            found = read_study(name)
            return run(self._session, found, _scenario(None, set, as_of or found.as_of)).document()

        return _told(answer)

    def facts_find(
        self, text: Annotated[str, Field(min_length=1, max_length=200, description="Words, such as 'h100 price'")],
        as_of: AsOf = None, limit: Annotated[int, Field(ge=1, le=MOST_FOUND)] = 20,
    ) -> Document:  # fmt: skip
        """Facts and assumptions whose entity, attribute, meaning or source holds every word, best first."""
        return _told(lambda: search_record(self._session.facts.as_of(as_of or today()), text, limit))

    def quantities(
        self, text: Annotated[str, Field(max_length=200, description="Words that name or meaning hold")] = ""
    ) -> Document:
        """Quantities that can be asked for, with meaning, unit, formula and the roles that each needs."""
        words = text.casefold().split()
        catalogue = self._session.catalogue
        rows = [
            {"name": found.name, "label": found.label, "unit": found.unit, "formula": found.equation,
             "roles": list(catalogue.role_names_of(found.name))}
            for found in catalogue.values()
            if all(word in f"{found.name} {found.label}".casefold() for word in words)
        ]  # fmt: skip
        return {"count": len(rows), "quantities": rows}


def _scenario(roles: Roles, values: Values, as_of: AsOf, samples: int = 8192, seed: int = 1) -> Scenario:
    given = {name: parse_override(name, text) for name, text in (values or {}).items()}
    return Scenario(as_of or today(), roles or {}, given, samples, seed)


def _told(answer: Callable[[], Document]) -> Document:
    try:
        return answer()
    except InputError as problem:
        raise ToolError(" ".join(str(problem).split())) from problem
