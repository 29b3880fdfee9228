"""YAML files as plain data that remembers its lines, read so that no file can do harm.

Aliases, tags, duplicate keys, several documents, deep nesting and files over a few megabytes are refused; every
refusal names file and line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from waterline.core.errors import InputError

LARGEST_BYTES = 4_000_000
DEEPEST = 24

_TAG = "tag:yaml.org,2002:"
_KINDS = {"map", "seq", "str", "int", "float", "bool", "null", "timestamp"}


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
        data = _Reader(yaml.parse(text, Loader=yaml.CSafeLoader), place).document()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise DocumentError(place, mark.line + 1 if mark else 1, f"not YAML: {problem.problem}") from problem
    except yaml.YAMLError as problem:
        raise DocumentError(place, 1, f"not YAML: {str(problem).splitlines()[0][:120]}") from problem
    if not isinstance(data, Mapping):
        raise DocumentError(place, 1, "the file must be a mapping at its top")
    return data


class _Reader:
    """Builds the values of a file from its parser's events; what is refused is refused before it is built."""

    def __init__(self, events: Iterator[Any], place: str) -> None:
        import yaml

        self._events, self._place = events, place
        self._yaml: Any = yaml
        self._resolver: Any = yaml.resolver.Resolver()

    def document(self) -> Any:
        """The value of the only document."""
        data, found = None, False
        for event in self._events:
            if isinstance(event, self._yaml.NodeEvent):
                data = self._value(event, 1)
            elif isinstance(event, self._yaml.DocumentStartEvent):
                if found:
                    raise DocumentError(self._place, _line(event), "a second document begins; a file holds one")
                found = True
        if not found:
            raise DocumentError(self._place, 1, "file is empty")
        return data

    def _value(self, event: Any, depth: int) -> Any:
        """The value that begins with an event; a collection is ``depth`` collections deep, with itself."""
        self._refuse_anchor(event)
        kind = self._kind(event)
        if isinstance(event, self._yaml.ScalarEvent):
            return _scalar(kind, event.value, self._place, _line(event))
        if depth > DEEPEST:
            raise DocumentError(self._place, _line(event), f"nested deeper than {DEEPEST} levels")
        if isinstance(event, self._yaml.MappingStartEvent):
            return self._mapping(_line(event), depth)
        return [self._value(item, depth + 1) for item in self._inside()]

    def _mapping(self, line: int, depth: int) -> Mapping:
        result = Mapping()
        result.line, result.lines = line, {}
        for event in self._inside():
            self._refuse_anchor(event)
            key_line = _line(event)
            if not isinstance(event, self._yaml.ScalarEvent) or not (event.tag or _TAG).startswith(_TAG):
                raise DocumentError(self._place, key_line, "a key must be plain text")
            key = str(event.value)
            if key in result:
                first = result.lines[key]
                raise DocumentError(self._place, key_line, f"key {key!r} stands twice (first at line {first})")
            result[key] = self._value(next(self._events), depth + 1)
            result.lines[key] = key_line
        return result

    def _inside(self) -> Iterator[Any]:
        """The events that begin the parts of a collection, up to its end."""
        for event in self._events:
            if isinstance(event, self._yaml.CollectionEndEvent):
                return
            yield event

    def _refuse_anchor(self, event: Any) -> None:
        if event.anchor is not None:  # an alias has one, too
            raise DocumentError(self._place, _line(event), "anchors and aliases (&, *) are not allowed")

    def _kind(self, event: Any) -> str:
        """Name of the tag that an event has, or that its text looks like."""
        tag = event.tag
        if tag in (None, "!"):
            if not isinstance(event, self._yaml.ScalarEvent):
                return ""
            tag = self._resolver.resolve(self._yaml.ScalarNode, event.value, event.implicit)
        kind = str(tag.removeprefix(_TAG))
        if kind not in _KINDS:
            raise DocumentError(self._place, _line(event), f"tags are not allowed: {tag[:40]}")
        return kind


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


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
