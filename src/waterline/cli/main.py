"""Entry point: parses the command line, runs one verb, and turns errors into exit codes.

0 done; 2 bad input, one line on stderr; 1 internal failure; 130 interrupted. Nothing heavy is imported here, so
that help and refusals are instant.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from waterline.cli import (
    ask,
    check,
    compare,
    event,
    explain,
    facts,
    ledger,
    mcp,
    options,
    plan,
    scan,
    serve,
    study,
    sweep,
    validate,
)

VERBS = (
    study,
    check,
    ask,
    explain,
    compare,
    sweep,
    plan,
    event,
    scan,
    validate,
    ledger,
    facts,
    serve,
    mcp,
)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, with a suggestion where there is one."""

    def error(self, message: str) -> NoReturn:
        if "invalid choice: " in message and "(choose from " in message:
            import difflib

            wrong = message.split("invalid choice: ", 1)[1].split("'")[1]
            choices = [choice.strip(" ')") for choice in message.split("(choose from ", 1)[1].split(",")]
            near = difflib.get_close_matches(wrong, choices, n=2)
            hint = f"; did you mean {' or '.join(near)}?" if near else f"; choose from {', '.join(choices)}"
            option = message.split(":", 1)[0].removeprefix("argument ")
            message = f"unknown {f'value of {option}' if option.startswith('-') else 'command'} {wrong!r}{hint}"
        self.exit(2, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = Parser(
        prog="waterline",
        description="What is under an AI-compute headline: claims checked, priced in full, given a probability.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    shared = options.shared_options()
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for verb in VERBS:
        verb.register(commands, shared)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = build_parser()
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed, left = parser.parse_known_args(options.verb_first(words))
    left = options.late_bindings(parsed, left)
    if left:
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    if parsed.version:
        import waterline

        print(waterline.__version__)
        return 0
    if not hasattr(parsed, "run"):
        parser.print_help()
        return 0
    ended: list[int] = []
    if arguments is None:  # from the shell: the process ends with this
        atexit.register(_leave, parsed, ended)
    ended.append(_run(parsed))
    return ended[0]


def _leave(parsed: argparse.Namespace, ended: Sequence[int]) -> None:
    """After all else that is done at the end, leave at once: the system frees what is held sooner than Python does.

    ``parsed`` holds what a verb leaves in it until then. Where the verb has not ended with a code, Python goes on.
    """
    if not ended:
        return
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(ended[0])


def _run(parsed: argparse.Namespace) -> int:
    from waterline.core.errors import InputError

    # One thread of linear algebra: its arrays are small, sums then come out alike on any number of cores, and a
    # process without threads can be copied (`waterline.core.beside`).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    code = 1
    try:
        code = parsed.run(parsed)
        sys.stdout.flush()
    except InputError as problem:
        print(f"waterline: {' '.join(str(problem).split())}", file=sys.stderr)
        code = 2
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing more to say, and nothing to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        print("waterline: interrupted", file=sys.stderr)
        code = 130
    except Exception as problem:
        if os.environ.get("WATERLINE_DEBUG"):
            raise
        print(
            f"waterline: internal failure: {type(problem).__name__}: {problem} (WATERLINE_DEBUG=1 shows where)",
            file=sys.stderr,
        )
    return code


if __name__ == "__main__":
    raise SystemExit(main())
