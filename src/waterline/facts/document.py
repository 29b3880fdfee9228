"""YAML files as plain data that remembers its lines, read so that no file can do harm.

Aliases, tags, duplicate keys, several documents, deep nesting and files over a few megabytes are refused; every
refusal names file and line.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from waterline.core.errors import InputError

LARGEST_BYTES = 4_000_000
DEEPEST = 24

_TAG = "tag:yaml.org,2002:"
_KNOWN_TAGS = {f"{_TAG}{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")}


class Mapping(dict[str, Any]):
    """A YAML mapping with the line of itself and of each of its keys."""

    line: int
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        """Line of a key, or of the mapping when it has no such key."""
        return self.lines.get(key, self.line)


class DocumentError(InputError):
    """A file cannot be read as data; the message starts with ``file:line``."""

    def __init__(self, place: str, line: int, problem: str) -> None:
        super().__init__(f"{place}:{line}: {problem}")


def read_document(path: Path, place: str) -> Mapping:
    """Read one YAML file whose top is a mapping. ``place`` is how messages name the file.

    Raises DocumentError, and InputError where the file cannot be opened.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise InputError(f"cannot read {place}: {problem.strerror}") from problem
    return parse_document(content, place)


def parse_document(content: bytes, place: str) -> Mapping:
    """As `read_document`, from bytes."""
    import yaml

    if len(content) > LARGEST_BYTES:
        raise DocumentError(place, 1, f"file is larger than {LARGEST_BYTES:,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise DocumentError(place, line, "file is not UTF-8 text") from problem
    try:
        _refuse_nesting(text, place)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise DocumentError(place, mark.line + 1 if mark else 1, f"not YAML: {problem.problem}") from problem
    except (yaml.YAMLError, RecursionError) as problem:
        raise DocumentError(place, 1, f"not YAML: {str(problem).splitlines()[0][:120]}") from problem
    if root is None:
        raise DocumentError(place, 1, "file is empty")
    data = _construct(root, place)
    if not isinstance(data, Mapping):
        raise DocumentError(place, 1, "the file must be a mapping at its top")
    return data


def _refuse_nesting(text: str, place: str) -> None:
    """Walk the parser's events first: aliases and depth are refused before anything is built from them."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise DocumentError(place, _line(event), "anchors and aliases (&, *) are not allowed")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise DocumentError(place, _line(event), f"nested deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _construct(node: Any, place: str) -> Any:
    import yaml

    line = node.start_mark.line + 1
    if node.tag not in _KNOWN_TAGS:
        raise DocumentError(place, line, f"tags are not allowed: {node.tag[:40]}")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, line)
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, place) for item in node.value]
    return _scalar(node.tag.removeprefix(_TAG), node.value, place, line)


def _mapping(node: Any, place: str, line: int) -> Mapping:
    result = Mapping()
    result.line, result.lines = line, {}
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + 1
        key = str(key_node.value)
        if not key_node.tag.startswith(_TAG) or key_node.id != "scalar":
            raise DocumentError(place, key_line, "a key must be plain text")
        if key in result:
            raise DocumentError(place, key_line, f"key {key!r} stands twice (first at line {result.lines[key]})")
        result[key] = _construct(value_node, place)
        result.lines[key] = key_line
    return result


def _scalar(kind: str, text: str, place: str, line: int) -> Any:
    try:
        if kind == "int":
            whole = int(text.replace("_", ""))
            float(whole)  # what no arithmetic can hold is refused here, for every reader
            return whole
        if kind == "float":
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
        if kind == "timestamp":
            return date.fromisoformat(text)
    except (ValueError, OverflowError) as problem:
        raise DocumentError(place, line, f"cannot read {text[:40]!r} as {kind}") from problem
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    if kind == "str":
        return text
    raise DocumentError(place, line, f"tags are not allowed: !!{kind}")
