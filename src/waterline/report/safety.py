"""What stands between texts that others wrote and the page: cleaned strings, checked links, safe JSON, a policy."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

_LINKED_SCHEMES = ("http", "https")
# Control characters, and marks that reorder the text around them; they have no place in a title or a claim
_REMOVED = dict.fromkeys(
    [code for code in range(0x20) if code not in (0x09, 0x0A)]
    + [*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
) | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def cleaned(entry: Any) -> Any:
    """``entry`` with control and text-direction characters taken out of every string in it."""
    if isinstance(entry, str):
        return entry if entry.isprintable() else entry.translate(_REMOVED)
    if entry is None or isinstance(entry, float | int):
        return entry
    if isinstance(entry, Mapping):
        return {
            key if isinstance(key, str) and key.isprintable() else cleaned(key): cleaned(value)
            for key, value in entry.items()
        }
    if isinstance(entry, list | tuple):
        return [cleaned(value) for value in entry]
    return entry


def cleaned_over(entry: Any, before: Any, after: Any) -> Any:
    """``entry`` cleaned, where ``after`` is ``before`` cleaned: an object that both hold is not looked into again."""
    if entry is before:
        return after
    if isinstance(entry, dict) and isinstance(before, dict) and len(before) == len(after):  # no two keys became one
        known = before.keys() & after.keys()
        return {
            key if key in known else cleaned(key): cleaned(value) if key not in known
            else after[key] if value is before[key] else cleaned_over(value, before[key], after[key])
            for key, value in entry.items()
        }  # fmt: skip
    if isinstance(entry, list) and isinstance(before, list) and len(entry) == len(before):
        return [cleaned_over(*each) for each in zip(entry, before, after, strict=True)]
    return cleaned(entry)


def link(address: object) -> str:
    """``address`` when it is a web address that may be linked to, else an empty text."""
    text = str(address or "").strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in _LINKED_SCHEMES and parts.hostname else ""


def embedded(data: object) -> Markup:
    """``data`` as JSON that cannot end the script element that holds it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def content_policy(style: str, script: str) -> str:
    """The page's Content-Security-Policy: its own style and script, by hash, and nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_digest(style)}",
            f"script-src {_digest(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
