"""``waterline event``: what a share earned beyond its market on a day, and how unusual that was."""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path
from typing import Any

from waterline.cli import options

MODELS = ("market", "market-adjusted", "mean-adjusted", "factors", "scholes-williams", "dimson")
_SHOWN = 12  # members of the group that are worth a line each


def register(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("event", parents=[shared], help="event study: abnormal returns and their tests")
    parser.add_argument("ticker", metavar="TICKER")
    parser.add_argument("date", type=_day, metavar="DATE", help="day of the event; the next session if none")
    parser.add_argument("--market", metavar="T", help="ticker that stands for the market (default SPY)")
    parser.add_argument(
        "--estimation", type=window, metavar="A,B",
        help="estimation window in trading days from the event, or two dates (default -260,-11)",
    )  # fmt: skip
    parser.add_argument("--window", type=window, metavar="A,B", help="event window, likewise (default 0,0)")
    parser.add_argument(
        "--prices", type=Path, metavar="FILE", help="price file or folder (default: the store, then what is shipped)"
    )
    parser.add_argument("--model", choices=MODELS, default="market", help="return model (default market)")
    parser.add_argument("--factors", type=Path, metavar="FILE", help="CSV of factor returns: date,Mkt-RF,SMB,HML,RF")
    parser.add_argument("--group", metavar="T,T,…", help="securities of the group test (default: all companies there)")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the cumulative abnormal return as SVG")
    parser._negative_number_matcher = re.compile(r"^-\d+(,-?\d+)?$")  # so that '-260,-11' is a value, not an option
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Study and print."""
    from waterline.cli import output
    from waterline.market.event_study.evidence import evidence
    from waterline.market.event_study.report import report
    from waterline.market.event_study.study import ESTIMATION, WINDOW, Event, study
    from waterline.questions.session import default_session

    known = default_session().facts.as_of(options.scenario(arguments, {}).as_of)
    group = tuple(name.strip().upper() for name in (arguments.group or "").split(",") if name.strip())
    event = Event(
        arguments.ticker.upper(),
        arguments.date,
        arguments.estimation or ESTIMATION,
        arguments.window or WINDOW,
        "factors" if arguments.factors and arguments.model == "market" else arguments.model,
        group,
        arguments.factors,
    )
    data = evidence(event.ticker, arguments.market, arguments.prices, group)
    found = report(study(event, data), known)
    if arguments.picture:
        _draw(found, arguments.picture)
    if arguments.json:
        output.print_json(found)
    else:
        _print(found)
    return 0


def window(text: str) -> tuple[int, int] | tuple[date, date]:
    """``A,B`` in trading days from the event, or as two dates."""
    ends = [end.strip() for end in text.split(",")]
    try:
        if len(ends) == 2 and re.fullmatch(r"[+-]?\d+", ends[0]):
            return int(ends[0]), int(ends[1])
        first, last = (date.fromisoformat(end) for end in ends)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a window; write two trading days from the event, -260,-11, or two dates"
        ) from None
    return first, last


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date YYYY-MM-DD") from None


def _draw(found: dict[str, Any], path: Path) -> None:
    from waterline.core.errors import InputError
    from waterline.core.files import write_atomically
    from waterline.report.chart import chart, drawing

    if path.suffix.lower() != ".svg":
        raise InputError(f"--picture writes SVG: name the file {path.with_suffix('.svg').name}")
    words = {
        "title": f"{found['ticker']} around {found['event_date']}",
        "day": "trading days from the event",
        "cumulative": "cumulative abnormal return, 90% interval",
    }
    write_atomically(path, drawing(chart("event-study", found["path"], words)).encode())


def _print(found: dict[str, Any]) -> None:
    first, last = found["window"]
    span = "day 0" if first == last == 0 else f"days {first} to {last}"
    estimation = found["estimation"]
    print(f"{found['ticker']} on {found['event_date']}, {span}: {found['model']} model on {found['market']}")
    print(f"  estimated on {estimation['days']} days, {estimation['from']} to {estimation['to']}; {found['source']}")
    coefficients = "  ".join(f"{name} {value:.5g}" for name, value in found["coefficients"].items())
    print(f"  {coefficients}")
    print(f"  cumulative abnormal return {found['car']:+.2%} (standard error {found['car_se']:.2%})")
    if found["market_cap_change_usd"] is not None:
        from waterline.cli.output import number

        value = found["market_cap_change"]
        assumed = f" (90%: {number(value['low'], 'USD')} to {number(value['high'], 'USD')}; shares assumed)"
        print(f"  market value changed by {number(value['usd'], 'USD')}{assumed if value['assumed'] else ''}")
    else:
        print(f"  market value: {found['market_cap_change']['reason']}")
    print(f"\n  {'test':<20} {'statistic':>10} {'p':>9}  of")
    for name, value in found["t_stats"].items():
        print(f"  {name:<20} {_cell(value, '.2f'):>10} {_p(found['p_values'][name]):>9}  {found['tested'][name]}")
    print(f"  {'permutation':<20} {'':>10} {_p(found['p_values']['permutation']):>9}  {found['ticker']}")
    print(f"\n  {'return model':<20} {'CAR':>9} {'t':>7} {'p':>9}")
    for entry in found["models"]:
        print(f"  {entry['model']:<20} {entry['car']:>+9.2%} {_cell(entry['t'], '.2f'):>7} {_p(entry['p']):>9}")
    print(f"\n  {'days':<20} {'CAR':>9} {'t':>7} {'p':>9}")
    for name, entry in found["windows"].items():
        print(f"  {name:<20} {entry['car']:>+9.2%} {_cell(entry['t'], '.2f'):>7} {_p(entry['p']):>9}")
    _print_group(found["group"])
    for note in found["notes"]:
        print(f"note: {note}")


def _print_group(group: dict[str, Any] | None) -> None:
    if group is None:
        return
    print(
        f"\n  {len(group['names'])} names together: mean CAR {group['mean_car']:+.2%}, "
        f"mean correlation of residuals {group['mean_correlation']:.2f}"
    )
    for name, value in group["t_stats"].items():
        mark = "  allows for a common day" if name in group["allow_for_a_common_day"] else ""
        print(f"  {name:<20} {_cell(value, '.2f'):>10} {_p(group['p_values'][name]):>9}{mark}")
    print(f"  {'permutation':<20} {'':>10} {_p(group['p_values']['permutation']):>9}  allows for a common day")
    members = group["members"]
    shown = members if len(members) <= _SHOWN else [*members[: _SHOWN // 2], *members[-_SHOWN // 2 :]]
    for member in shown:
        print(f"    {member['ticker']:<8} CAR {member['car']:>+8.2%}  t {_cell(member['t'], '.2f'):>7}{_value(member)}")
    if len(members) > len(shown):
        print(f"    … and {len(members) - len(shown)} between them; --json lists them all")


def _cell(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _p(value: float | None) -> str:
    return "–" if value is None else "<0.0001" if value < 0.0001 else f"{value:.4f}"


def _value(member: dict[str, Any]) -> str:
    change = member["market_cap_change_usd"]
    return "" if change is None else f"  {change / 1e9:>+8.1f} billion USD"
