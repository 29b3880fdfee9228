"""Options that every verb takes, and the scenario that they describe."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from waterline.core.answer import Answer
    from waterline.core.scenario import Override, Scenario
    from waterline.questions.session import Inquiry

BINDING = "what the question is about; a number by its name too: utilisation=0.6"

_FLAGS = {"--json"}
_VALUED = {"--as-of", "--set", "--samples", "--seed"}


def shared_options() -> argparse.ArgumentParser:
    """Parent parser with the global options."""
    shared = argparse.ArgumentParser(add_help=False)
    group = shared.add_argument_group("for every command")
    group.add_argument("--json", action="store_true", help="print one JSON document and nothing else on stdout")
    group.add_argument("--as-of", type=_day, metavar="DATE", help="use only what was known on that date")
    group.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE",
        help="replace a value: '2.5 USD/hour', a 90%% range '1.8..2.6', or LOW,MID,HIGH; repeatable",
    )  # fmt: skip
    group.add_argument("--samples", type=whole, metavar="N", help="number of samples (default 8192)")
    group.add_argument("--seed", type=whole, metavar="N", help="seed of the samples (default 1)")
    return shared


def add_strict(parser: argparse.ArgumentParser) -> None:
    """Option of the verbs that answer about one entity."""
    parser.add_argument(
        "--strict", action="store_true", help="refuse an answer that assumes a price or a power which no fact gives"
    )


def verb_first(words: Sequence[str]) -> list[str]:
    """Move global options that stand before the command behind it, so that both places work."""
    leading: list[str] = []
    rest = list(words)
    while rest and (rest[0] in _FLAGS or rest[0].split("=")[0] in _VALUED):
        option = rest.pop(0)
        leading.append(option)
        if option in _VALUED and rest:
            leading.append(rest.pop(0))
    return [*rest[:1], *leading, *rest[1:]] if rest else leading


def late_bindings(parsed: argparse.Namespace, left: Sequence[str]) -> list[str]:
    """Give a verb that takes bindings those that stand behind an option, which argparse leaves; returns the rest."""
    if not hasattr(parsed, "bindings"):
        return list(left)
    late = [word for word in left if "=" in word and not word.startswith("-")]
    parsed.bindings = [*parsed.bindings, *late]
    return [word for word in left if word not in late]


def refuse_file(directory: Path) -> None:
    """Raise InputError where ``--out`` names a file."""
    from waterline.core.errors import InputError

    if directory.exists() and not directory.is_dir():
        raise InputError(f"{directory} is a file; --out takes a directory")


def scenario(arguments: argparse.Namespace, bindings: Mapping[str, str]) -> Scenario:
    """The scenario that the options and bindings describe. Raises InputError for what cannot be read."""
    from waterline.core.scenario import DEFAULT_SAMPLES, Scenario
    from waterline.questions.session import today

    return Scenario(
        as_of=arguments.as_of or today(),
        bindings=bindings,
        overrides=overrides(arguments.set),
        samples=DEFAULT_SAMPLES if arguments.samples is None else arguments.samples,
        seed=1 if arguments.seed is None else arguments.seed,
    )


def overrides(texts: Sequence[str]) -> dict[str, Override]:
    """Read ``NAME=VALUE`` texts."""
    from waterline.core.scenario import parse_override

    return {name: parse_override(name, value) for name, value in pairs(texts, "--set").items()}


def pairs(texts: Sequence[str], where: str) -> dict[str, str]:
    """Read ``NAME=VALUE`` texts into a mapping. Raises InputError for one that is not, or a name given twice."""
    from waterline.core.errors import InputError

    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise InputError(f"{where} takes NAME=VALUE, not {text[:60]!r}")
        if name.strip() in found:
            raise InputError(f"{where}: {name.strip()!r} is given twice")
        found[name.strip()] = value.strip()
    return found


def report_notes(inquiry: Inquiry, answer: Answer) -> None:
    """Tell on stderr what the user should know: names that were resolved, overrides that changed nothing."""
    for role, given in inquiry.scenario.bindings.items():
        used = answer.bindings.get(role)
        if used is not None and used != given:
            print(f"note: {role} {given!r} is {used}", file=sys.stderr)
        elif used is None:
            print(f"note: {answer.quantity} does not depend on {role}", file=sys.stderr)
    for name in sorted(inquiry.unused_overrides):
        print(f"note: {answer.quantity} does not depend on {name!r}", file=sys.stderr)


def figure(text: str) -> float:
    """A number with an optional multiple, for options such as ``--tokens 14.8T``."""
    from waterline.core.errors import InputError
    from waterline.core.scenario import parse_magnitude

    try:
        value, rest = parse_magnitude(text)
    except InputError:
        rest, value = text, 0.0
    if rest.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number (write 2048, 2.664M, 14.8T)")
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date YYYY-MM-DD") from None


def whole(text: str) -> int:
    """A whole number, for options such as ``--samples 1e5``."""
    try:
        number = float(text)
        if number == int(number):
            return int(number)
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
