"""A command as its user runs it: exit code, and what stands on stdout and stderr."""

from __future__ import annotations

import pytest

from waterline.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run ``waterline`` with these words in this process."""
    try:
        code = main(words)
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err
