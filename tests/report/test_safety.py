"""What others wrote is cleaned before it reaches a page, and no less so where most of it was cleaned before."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from waterline.report.safety import cleaned, cleaned_over

TEXTS = st.text("ab\x00\u202e\n", max_size=4)
ENTRIES = st.recursive(
    st.one_of(st.none(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=12,
)


@given(ENTRIES, ENTRIES)
def test_what_is_cleaned_over_reads_as_if_cleaned(before: Any, fresh: Any) -> None:
    shared = (
        {**before, "a": fresh}
        if isinstance(before, dict)
        else [*before[1:], fresh]
        if isinstance(before, list)
        else fresh
    )
    assert cleaned_over(shared, before, cleaned(before)) == cleaned(shared)
