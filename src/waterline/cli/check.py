"""``waterline check``: could that headline be?"""

from __future__ import annotations

import argparse
from typing import Any

from waterline.cli import options

FIGURES = (
    ("--count", "count", "accelerators used"),
    ("--days", "days", "days the run took"),
    ("--tokens", "tokens", "training tokens, e.g. 14.8T"),
    ("--gpu-hours", "gpu_hours", "accelerator-hours, e.g. 2.664M"),
    ("--cost", "cost", "cost in USD, e.g. 5.6M"),
    ("--params", "parameters", "parameters, where no architecture is known"),
    ("--active-params", "active_parameters", "parameters that each token uses"),
)


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("check", parents=[shared], help="test a training headline's figures")
    parser.add_argument("--model", metavar="MODEL", help="a model of the facts")
    parser.add_argument("--chip", metavar="CHIP", required=True, help="the accelerator")
    for flag, name, meaning in FIGURES:
        parser.add_argument(flag, dest=name, type=options.figure, metavar="N", help=meaning)
    parser.add_argument("--precision", metavar="FORMAT", help="bf16, fp8 … (default: what the model's source says)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check and print."""
    from waterline.cli import output
    from waterline.questions.headline import Published, check
    from waterline.questions.session import default_session

    figures = {name: getattr(arguments, name) for _, name, _ in FIGURES}
    published = Published(chip=arguments.chip, model=arguments.model, precision=arguments.precision, **figures)
    found = check(default_session(), published, options.scenario(arguments, {}))
    if arguments.json:
        output.print_json(found)
    else:
        _print(found)
    return 0


def _print(found: dict[str, Any]) -> None:
    from waterline.cli.output import number

    bound = found["bindings"]
    verdict = "consistent" if found["consistent"] else "NOT consistent"
    print(f"{bound['model']} on {bound['count']:,} × {bound['chip']} in {found['precision']}: {verdict}")
    print(f"  probability that the figures are real: {found['probability']:.2f}")
    units = {"usd_per_gpu_hour": "USD", "tokens_per_s_per_chip": "tokens/s", "gpu_hours": "hours", "days": "days"}
    for name, value in found["implied"].items():
        print(f"  implied {name} = {number(value, units.get(name, ''))}")
    for name, place in found["places"].items():
        ends = f"{number(place['p05'])} to {number(place['p95'])}"
        print(f"  {name}: percentile {place['percentile']:.0f} of {place['among']} (90% of them: {ends})")
    for name, unit in (("gpu_hours", "hours"), ("cost_usd", "USD"), ("programme_cost_usd", "USD")):
        value = found["estimate"][name]
        if value:
            shown = f"{number(value['median'], unit)}  (90%: {number(value['p05'])} to {number(value['p95'])})"
            print(f"  our estimate of {name} = {shown}")
    for flag in found["flags"]:
        print(f"  {flag['severity']}: {flag['text']}")
