"""``waterline plan``: the best parallel plans to train a model on some chips; `plan_serve` adds serving."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from waterline.cli import options, plan_serve

if TYPE_CHECKING:
    from waterline.performance.training.estimate import Question


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("plan", help="the best way to train or serve a model on given chips")
    kinds = parser.add_subparsers(title="what to plan", metavar="KIND", required=True, parser_class=type(parser))
    train = kinds.add_parser("train", parents=[shared], help="parallel plans by modelled step time")
    train.add_argument("model", metavar="MODEL")
    train.add_argument("--chip", required=True, metavar="CHIP")
    train.add_argument("--count", required=True, type=options.figure, metavar="N", help="accelerators")
    train.add_argument("--batch-tokens", type=options.figure, metavar="B", help="tokens of a step, e.g. 16M")
    train.add_argument("--seq", type=options.figure, metavar="S", help="sequence length in tokens")
    train.add_argument("--precision", metavar="FORMAT", help="bf16 (default), fp8 …")
    train.add_argument("--top", type=int, default=10, metavar="K", help="plans to show (default 10)")
    train.add_argument("--picture", type=Path, metavar="FILE", help="draw where the plans' steps go, as SVG")
    train.set_defaults(run=run)
    plan_serve.register(kinds, shared)


def run(arguments: argparse.Namespace) -> int:
    """Search and print."""
    from waterline.cli import output
    from waterline.core.errors import InputError
    from waterline.performance.known import known_chip, known_model
    from waterline.performance.training.estimate import Question, best_plans
    from waterline.performance.training.plan_report import plan_report
    from waterline.questions.session import default_session

    if arguments.top < 1:
        raise InputError(f"--top must be at least 1, not {arguments.top}")
    if arguments.count != int(arguments.count):
        raise InputError(f"--count must be a whole number, not {arguments.count:g}")
    if arguments.picture and arguments.picture.suffix != ".svg":
        raise InputError(f"--picture writes SVG: name a file that ends in .svg, not {arguments.picture.name}")
    known = default_session().facts.as_of(options.scenario(arguments, {}).as_of)
    question = Question(
        known_model(known, arguments.model),
        known_chip(known, arguments.chip),
        int(arguments.count),
        precision=arguments.precision or "bf16",
        sequence=arguments.seq,
        batch_tokens=arguments.batch_tokens,
    )
    progress = (lambda text: print(text, file=sys.stderr)) if sys.stderr.isatty() else None
    report = plan_report(best_plans(question, top=arguments.top, progress=progress))
    if arguments.picture:
        _draw(arguments.picture, report, question)
    if arguments.json:
        output.print_json(report)
    else:
        _print(report, question.model.name, question.chip.name, question.count)
    return 0


def _draw(path: Path, report: dict[str, Any], question: Question) -> None:
    from waterline.core.files import write_atomically
    from waterline.report.plan_picture import plan_picture

    write_atomically(path, plan_picture(report, question.model.name, question.chip.name, question.count).encode())
    print(f"picture: {path}", file=sys.stderr)


def _print(report: dict[str, Any], model: str, chip: str, count: int) -> None:
    rate = report["tokens_per_s_per_chip"]
    print(f"{model} on {count:,} × {chip}: {report['evaluated']:,} valid plans in {report['seconds']:.2f} s")
    print(
        f"  {rate['median']:,.0f} tokens/s per chip (90%: {rate['p05']:,.0f} to {rate['p95']:,.0f}), "
        f"MFU {report['mfu']:.1%}"
    )
    names = ("tp", "pp", "vp", "cp", "ep", "dp", "micro_batch", "recompute")
    print("  " + "  ".join(f"{name:>9}" for name in (*names, "step s", "MFU", "GB")))
    for plan in report["plans"]:
        cells = [str(plan[name]) for name in names]
        cells += [f"{plan['step_s']:.3f}", f"{plan['mfu']:.1%}", f"{plan['memory_gb']:.1f}"]
        print("  " + "  ".join(f"{cell:>9}" for cell in cells))
    best = report["plans"][0]
    print("  where the best plan's step goes:")
    for name, seconds in sorted(best["breakdown"].items(), key=lambda part: -part[1]):
        share = seconds / best["step_s"]
        if share >= 0.001:
            print(f"    {name:<24} {share:6.1%}  {'█' * round(40 * share)}")
    if len(report["plans"]) > 1:
        print(f"  the runner-up {_why(best, report['plans'][1])}")
    if nearest := report["rejected"]["nearest"]:
        print(
            f"  {report['rejected']['count']:,} plans do not fit; the nearest ({_degrees(nearest)}) lacks "
            f"{nearest['lacks_gb']:.2f} GB, most of its memory is for {nearest['most_for']}"
        )


def _degrees(plan: dict[str, Any]) -> str:
    return ", ".join(f"{name} {plan[name]}" for name in ("tp", "pp", "cp", "ep", "dp", "micro_batch") if plan[name] > 1)


def _why(best: dict[str, Any], second: dict[str, Any]) -> str:
    """Which part of the step costs the second plan most against the best."""
    slower = second["step_s"] / best["step_s"] - 1
    if slower < 5e-4:
        return "is as fast within the model's resolution"
    name = max(best["breakdown"], key=lambda part: second["breakdown"][part] - best["breakdown"][part])
    return f"is {slower:.1%} slower, most of all in {name}"
