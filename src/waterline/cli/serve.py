"""``waterline serve``: the living report, explore and the JSON interface in the browser."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from waterline.studies.read import Study

PORT = 8351


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("serve", help="the living report, in the browser")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: this machine)"
    )
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"port (default {PORT})")
    parser.add_argument(
        "--study", action="append", default=[], metavar="FILE", help="serve this study file too; repeatable"
    )
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="also answer for this host name; repeatable"
    )
    parser.add_argument(
        "--rate", type=float, default=100.0, metavar="N", help="requests a second from one address (default 100)"
    )
    parser.add_argument(
        "--seconds", type=float, default=20.0, metavar="N", help="give up on a request after so long (default 20)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from waterline.core.errors import InputError
    from waterline.core.files import freeze_caches
    from waterline.questions.session import default_session

    if not 0 < arguments.port < 65536:
        raise InputError(f"--port is a number from 1 to 65535, not {arguments.port}")
    if not arguments.rate > 0:
        raise InputError(f"--rate must be above zero, not {arguments.rate:g}")
    if not arguments.seconds > 0:
        raise InputError(f"--seconds must be above zero, not {arguments.seconds:g}")
    try:
        import uvicorn

        from waterline.web.app import application
        from waterline.web.guard import Limits, loopback_names
    except ImportError as missing:
        raise InputError(f"serve needs the web extra ({missing.name}): pip install 'waterline[web]'") from missing
    studies = _studies(arguments.study)
    freeze_caches()
    hosts = loopback_names(arguments.host) | {name.lower() for name in arguments.allow_host}
    limits = Limits(rate=arguments.rate, burst=max(1, round(2 * arguments.rate)), seconds=arguments.seconds)
    app = application(default_session(), studies, hosts, limits, prepared=True)
    shown = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    print(f"Waterline is at http://{shown}:{arguments.port}/  (Ctrl-C stops it)", file=sys.stderr, flush=True)
    uvicorn.run(
        app, host=arguments.host, port=arguments.port, log_level="warning", server_header=False,
        proxy_headers=False, h11_max_incomplete_event_size=32 * 1024, timeout_keep_alive=10,
    )  # fmt: skip
    return 0


def _studies(files: list[str]) -> dict[str, Study]:
    """The shipped studies and those of the files. Raises InputError for a wrong file, or a name there already is."""
    from waterline.core.errors import InputError
    from waterline.studies.read import read_study, shipped_studies

    studies = {name: read_study(name) for name in shipped_studies()}
    for file in files:
        found = read_study(file)
        if found.name in studies:
            raise InputError(f"{file}: a study called {found.name!r} is served already; give it another name")
        studies[found.name] = found
    return studies
