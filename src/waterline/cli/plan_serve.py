"""``waterline plan serve``: the cheapest set-ups that serve a model within limits, and what a token costs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from waterline.cli import options


def register(kinds: Any, shared: argparse.ArgumentParser) -> None:
    """Add the kind to ``plan``."""
    serve = kinds.add_parser("serve", parents=[shared], help="set-ups that serve a model within limits, with prices")
    serve.add_argument("model", metavar="MODEL")
    serve.add_argument("--chip", required=True, metavar="CHIP")
    serve.add_argument("--count", type=options.figure, metavar="N", help="accelerators (default: those of one copy)")
    serve.add_argument(
        "--input", required=True, type=options.figure, metavar="I", help="mean input tokens of a request"
    )
    serve.add_argument("--output", required=True, type=options.figure, metavar="O", help="mean output tokens")
    serve.add_argument(
        "--cached-share", type=options.figure, default=0.0, metavar="S",
        help="part of the input that is found in a prefix cache and not read again (default 0)",
    )  # fmt: skip
    serve.add_argument("--ttft-ms", type=options.figure, metavar="X", help="longest mean time to the first token")
    serve.add_argument("--tpot-ms", type=options.figure, metavar="Y", help="longest mean time per further token")
    serve.add_argument("--precision", metavar="P", help="of the weights: bf16, fp8, nvfp4, int4 … (default: 8 bits)")
    serve.add_argument("--top", type=int, default=10, metavar="K", help="plans to show (default 10)")
    serve.add_argument("--picture", type=Path, metavar="FILE", help="write the frontier as an SVG picture")
    serve.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Search, price and print."""
    from waterline.cli import output
    from waterline.core.errors import InputError
    from waterline.questions.serving import Wanted, plan_serve
    from waterline.questions.session import default_session

    if arguments.top < 1:
        raise InputError(f"--top must be at least 1, not {arguments.top}")
    if arguments.count is not None and arguments.count != int(arguments.count):
        raise InputError(f"--count must be a whole number, not {arguments.count:g}")
    if arguments.picture and arguments.picture.suffix != ".svg":
        raise InputError(f"--picture writes SVG: name a file that ends in .svg, not {arguments.picture.name}")
    wanted = Wanted(
        arguments.model,
        arguments.chip,
        arguments.input,
        arguments.output,
        count=None if arguments.count is None else int(arguments.count),
        precision=arguments.precision or "",
        top=arguments.top,
        cached_share=arguments.cached_share,
        **{name: value for name in ("ttft_ms", "tpot_ms") if (value := getattr(arguments, name)) is not None},
    )
    report = plan_serve(default_session(), wanted, options.scenario(arguments, {}))
    if arguments.picture is not None:
        _draw(report, arguments.picture)
    if arguments.json:
        output.print_json(report)
    else:
        _print(report)
    return 0


def _draw(report: dict[str, Any], path: Path) -> None:
    from waterline.core.files import write_atomically
    from waterline.report.chart import chart, drawing

    rows = [
        {**row, "layout": f"{row['mode']} {row['layout']}", "limits": "met" if row["within_limits"] else "not met"}
        for row in report["frontier"]
    ]
    words = {
        "title": f"{report['model']} on {report['chip']}",
        "speed": "tokens per second for one user",
        "output": "output tokens per second and chip",
        "layout": "layout",
        "limits": "limits",
    }
    write_atomically(path, drawing(chart("serving-frontier", rows, words)).encode())


def _print(report: dict[str, Any]) -> None:
    load = report["workload"]
    cached = f" ({load['cached_share']:.0%} of them cached)" if load["cached_share"] else ""
    print(
        f"{report['model']} on {report['chip']}, {load['input']:,.0f} tokens in{cached}, {load['output']:,.0f} out: "
        f"{report['evaluated']:,} set-ups"
    )
    header = ("mode", "tp", "ep", "dp", "pp", "batch", "TTFT ms", "TPOT ms", "tok/s/chip", "$/Mtok in", "$/Mtok out")
    print("  " + "  ".join(f"{name:>10}" for name in header) + "  + prefill chips for each that decodes")
    for plan in report["plans"]:
        cells = [plan["mode"], *(str(plan[name]) for name in ("tp", "ep", "dp", "pp", "batch"))]
        line = "  " + "  ".join(f"{cell:>10}" for cell in [*cells, *_figures(plan)])
        print(line + _readers(plan["prefill"]))
    _print_best(report)


def _readers(prefill: dict[str, Any] | None) -> str:
    """Chips that read prompts for each that decodes, and their layout."""
    return f"  + {prefill['chips_per_decode_chip']:.2f} × {prefill['layout']}" if prefill else ""


def _figures(plan: dict[str, Any]) -> list[str]:
    prices = [plan["usd_per_mtok_input"], plan["usd_per_mtok_output"]]
    return [
        f"{plan['ttft_ms']:,.0f}",
        f"{plan['tpot_ms']:.1f}",
        f"{plan['output_tokens_per_s_per_chip']:,.1f}",
        *("–" if price is None else f"{price:.3f}" for price in prices),
    ]


def _print_best(report: dict[str, Any]) -> None:
    best = report["plans"][0]
    memory = best["memory_gb"]
    print(
        f"  the first plan is bound by {best['binding']}; a larger batch is kept out by {best['batch_limited_by']}; "
        f"memory: {memory['weights']:.0f} GB weights, {memory['cache']:.0f} GB cache of {memory['capacity']:.0f} GB"
    )
    if best.get("joule_per_output_token"):
        print(f"  {best['joule_per_output_token']:.2f} J per output token, its part of the prompt included")
    for name, price in report["prices_usd_per_chip_hour"].items():
        if price is not None:
            print(f"  {name}: {price['median']:.2f} USD per chip-hour → {best[name]['usd_per_mtok_output_all_in']:.3f} "
                  "USD per Mtok of output, prompts included")  # fmt: skip
    print("  where the first plan's step goes:")
    total = sum(best["step_ms"].values())
    for name, value in sorted(best["step_ms"].items(), key=lambda part: -part[1]):
        if value / total >= 0.005:
            print(f"    {name:<12} {value:8.2f} ms  {value / total:6.1%}  {'█' * round(40 * value / total)}")
    print("  frontier, tokens/s of one user and of one chip:")
    frontier = report["frontier"]
    for row in frontier[:: max(1, len(frontier) // 8)]:
        print(
            f"    {row['tokens_per_s_per_user']:>8.1f} {row['output_tokens_per_s_per_chip']:>10,.1f}  "
            f"{row['mode']} {row['layout']}, batch {row['batch']}"
        )
