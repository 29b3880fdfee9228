"""``waterline mcp``: the verbs for assistants, over standard input and output."""

from __future__ import annotations

import argparse
from typing import Any


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("mcp", help="the same verbs for assistants, over standard input and output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until the assistant hangs up."""
    from waterline.core.errors import InputError

    try:
        from waterline.mcp.server import server
    except ImportError as missing:
        raise InputError(f"mcp needs the mcp extra ({missing.name}): pip install 'waterline[mcp]'") from missing
    server().run("stdio")
    return 0
