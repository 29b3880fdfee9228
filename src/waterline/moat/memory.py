"""Findings remembered by the content that they were made from, so that only what changed is read again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from waterline.core.files import read_cache, write_cache
from waterline.moat.findings import Findings
from waterline.moat.lexicon import digest

_LAYOUT = b"2"  # raise when the findings change shape or the scanner finds other things in the same content

Memory = dict[bytes, Findings]


def recall(root: Path) -> Memory:
    """Findings of an earlier scan of ``root``; empty when there was none, or the map or rules have changed."""
    stored = read_cache(_name(root))
    if stored is None:
        return {}
    try:
        return msgspec.msgpack.decode(stored, type=Memory)
    except msgspec.DecodeError:
        return {}  # written by another version: scan again and replace it


def remember(root: Path, memory: Memory) -> None:
    """Keep findings for the next scan of ``root``; written whole or not at all."""
    write_cache(_name(root), msgspec.msgpack.encode(memory))


def _name(root: Path) -> str:
    place = hashlib.blake2b(_LAYOUT + digest() + str(root).encode("utf-8", "surrogateescape"), digest_size=12)
    return f"scan-{place.hexdigest()}.msgpack"
