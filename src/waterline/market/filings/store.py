"""The filing store: what companies reported, as it was known on any date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np

from waterline.core.errors import InputError
from waterline.market.filings.company_facts import ReportedFact
from waterline.market.loads import Loads, connection, scan, store_directory

_NAMES = tuple(field.name for field in fields(ReportedFact))
_SELECTION = (
    'SELECT * REPLACE (start::DATE AS start, "end"::DATE AS "end", filed::DATE AS filed, '
    'fiscal_year::INTEGER AS fiscal_year) FROM load ORDER BY company, concept, "end", filed'
)


@dataclass(frozen=True)
class FilingStore:
    """Reported facts in loads. A fact is known from the day on which its filing was made."""

    loads: Loads

    @property
    def exists(self) -> bool:
        """Whether anything has been stored."""
        return self.loads.exists

    def append(self, facts: Sequence[ReportedFact], known: date | None = None) -> int:
        """Add one load, wholly or not at all; returns its number of facts. Raises InputError for none."""
        if not facts:
            raise InputError("there are no reported facts to store")
        columns: dict[str, Any] = {name: [getattr(fact, name) for fact in facts] for name in _NAMES}
        for name in ("start", "end", "filed"):
            columns[name] = np.array(columns[name], dtype="datetime64[ns]")
        arrays = {
            name: values if isinstance(values, np.ndarray) else _array(name, values) for name, values in columns.items()
        }
        self.loads.append(arrays, _SELECTION, known)
        return len(facts)

    def series(self, company: int, concept: str, as_of: date | None = None) -> list[ReportedFact]:
        """A concept's values, one for each period: the latest filed not after ``as_of``, in order of period."""
        files = self.loads.files()
        if not files:
            return []
        rows = connection().execute(
            f"""SELECT {", ".join(f'"{name}"' for name in _NAMES)} FROM {scan(files)}
            WHERE company = $company AND concept = $concept AND filed <= $day
            QUALIFY row_number() OVER (PARTITION BY unit, start, "end" ORDER BY filed DESC, filename DESC) = 1
            ORDER BY "end", start""",
            {"company": company, "concept": concept, "day": as_of or date.max},
        ).fetchall()  # fmt: skip
        return [ReportedFact(*row) for row in rows]


def default_filings() -> FilingStore:
    """The user's filing store."""
    return FilingStore(Loads(store_directory() / "filings"))


def _array(name: str, values: list[Any]) -> np.ndarray:
    if name == "value":
        return np.array(values, dtype=float)
    if name == "company":
        return np.array(values, dtype=np.int64)
    if name == "fiscal_year":
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return np.array(values, dtype=object)
