"""Sweeps: every point is what asking gives, and nothing that is finished is ever lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import waterline as wl
from waterline.cli.main import main
from waterline.core.errors import InputError
from waterline.core.scenario import Scenario, parse_override
from waterline.questions.session import default_session
from waterline.questions.sweep import request, workers
from waterline.questions.sweep.axis import read_axes
from waterline.questions.sweep.request import Request, request_of
from waterline.questions.sweep.run import settled, sweep

AS_OF = date(2026, 11, 24)
PRICES = "market_rental_price=1:4:40 USD/hour"
FIELDS = ("median", "p05", "p95", "mean")


def swept(out: Path, quantity: str, *over: str, samples: int = 64, **bindings: str) -> list[dict[str, Any]]:
    sweep(quantity, over, Scenario(AS_OF, bindings, {}, samples), out, processes=1)
    return rows(out)


def rows(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist()  # type: ignore[no-any-return]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of five points instead of some seconds of work."""
    monkeypatch.setattr(request, "PART_SAMPLES", 5 * 64)


def of_forty(samples: int = 64) -> Request:
    axes = read_axes([PRICES], default_session().catalogue.roles())
    terms = Scenario(AS_OF, {"model": "deepseek-v3"}, {}, samples)
    return settled(default_session(), request_of("market_cost", axes, terms))


@pytest.mark.parametrize(
    ("quantity", "bindings", "over"),
    [
        ("market_cost", {"model": "deepseek-v3"}, ("market_rental_price=1,2.5,4 USD/hour",)),
        ("ownership_cost", {"model": "gpt-4"}, ("chip=H100,a100-sxm-80gb", "utilisation=50%:90%:3")),
        ("rental_cost", {}, ("model=deepseek-v3,llama-3.1-405b",)),
        ("rental_cost", {"model": "deepseek-v3"}, ("training_gpu_hours=1M,2M",)),
        ("h800.rental_price", {}, ("h800.rental_price=1,2 USD/hour",)),
        ("modelled_step_time", {"model": "llama-3.1-405b", "chip": "h100-sxm"}, ("training_chips=8192,16384",)),
    ],
)  # fmt: skip
def test_every_point_is_what_asking_gives(
    quantity: str, bindings: dict[str, str], over: Sequence[str], tmp_path: Path
) -> None:
    found = swept(tmp_path / "grid.parquet", quantity, *over, **bindings)
    axes = read_axes(over, default_session().catalogue.roles())
    names = [axis.name for axis in axes]
    units = {axis.name: getattr(axis, "unit", "") or "" for axis in axes}
    for row in found:
        filled = {name: row[name] for name in names if isinstance(row[name], str)}
        given = {name: f"{row[name]!r} {units[name]}" for name in names if name not in filled}
        overrides = {name: parse_override(name, text) for name, text in given.items()}
        asked = default_session().ask(quantity, Scenario(AS_OF, {**bindings, **filled}, overrides, 64)).summary
        assert [row[field] for field in FIELDS] == pytest.approx([getattr(asked, field) for field in FIELDS], rel=1e-12)


def test_points_stand_in_order_with_entities_by_their_ids(tmp_path: Path) -> None:
    found = swept(
        tmp_path / "grid.parquet", "ownership_cost", "utilisation=0.5:0.9:3", "chip=H100,h800", model="deepseek-v3"
    )
    assert [(row["utilisation"], row["chip"]) for row in found] == [
        (value, chip) for value in (0.5, pytest.approx(0.7), 0.9) for chip in ("h100-sxm", "h800")
    ]


def test_a_part_at_a_time_ends_with_the_rows_of_one_file(tmp_path: Path, small_parts: None) -> None:
    parts = swept(tmp_path / "parts.parquet", "market_cost", PRICES, model="deepseek-v3")
    assert len(list((tmp_path / "parts.parquet").glob("part-*.parquet"))) == 8
    request.PART_SAMPLES = 2**28
    assert swept(tmp_path / "whole.parquet", "market_cost", PRICES, model="deepseek-v3") == parts


def contents(path: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in sorted(path.iterdir())}


COMMAND = """
import sys, waterline.questions.sweep.request as request
request.PART_SAMPLES = 5 * 64
from waterline.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def command(out: Path, *options: str) -> list[str]:
    return [
        sys.executable, "-c", COMMAND, "sweep", "market_cost", "model=deepseek-v3", "--over", PRICES, "--samples", "64",
        "--as-of", str(AS_OF), "--json", "--out", str(out), *options,
    ]  # fmt: skip


def test_a_killed_client_loses_nothing_and_ends_with_the_same_bytes(tmp_path: Path, small_parts: None) -> None:
    whole, broken = tmp_path / "whole.parquet", tmp_path / "broken.parquet"
    swept(whole, "market_cost", PRICES, model="deepseek-v3")
    client = subprocess.Popen(command(broken, "--workers", "1"), stdout=subprocess.DEVNULL)
    until(lambda: any(broken.glob("part-*.parquet")), client)
    client.send_signal(signal.SIGKILL)
    client.wait()
    finished = {name: content for name, content in contents(broken).items() if name.startswith("part-")}
    assert finished
    (broken / ".part-000007.parquet.x").write_bytes(b"half")
    again = sweep("market_cost", [PRICES], Scenario(AS_OF, {"model": "deepseek-v3"}, {}, 64), broken, processes=1)
    assert again["computed"] == 40 - 5 * len(finished)
    assert contents(broken) == contents(whole)


def until(condition: Any, process: subprocess.Popen[bytes]) -> None:
    for _ in range(3000):
        if condition() or process.poll() is not None:
            return
        time.sleep(0.01)


def test_a_killed_worker_costs_only_the_parts_in_its_hands(small_parts: None) -> None:
    wanted = of_forty()
    made = workers.local(wanted, range(wanted.parts), 2)
    found = dict([next(made)])
    victim = multiprocessing.active_children()[0].pid
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    found.update(made)
    assert found == dict(workers.here(wanted, range(wanted.parts)))


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    import distributed

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None,
        silence_logs="CRITICAL",
    ) as cluster:  # fmt: skip
        yield cluster


def test_a_dask_cluster_gives_the_same_bytes_though_a_worker_is_killed(dask: Any, small_parts: None) -> None:
    wanted = of_forty()
    made = workers.cluster(wanted, range(wanted.parts), dask.scheduler_address)
    found = dict([next(made)])
    os.kill(dask.workers[0].pid, signal.SIGKILL)
    found.update(made)
    assert found == dict(workers.here(wanted, range(wanted.parts)))


def test_without_a_scheduler_the_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "TIMEOUT", 0.5)
    with pytest.raises(InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        next(workers.cluster(of_forty(), [0], "tcp://127.0.0.1:9"))


def test_a_full_disk_keeps_what_is_finished(tmp_path: Path, small_parts: None) -> None:
    out = tmp_path / "grid.parquet"
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    code = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" + COMMAND
    words = [code if word == COMMAND else word for word in command(out, "--workers", "1")]
    failed = subprocess.run(words, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert failed.returncode == 2, failed.stderr
    assert failed.stderr.startswith(f"waterline: cannot write {out}/part-000000.parquet: File too large")
    assert not list(out.glob("*part-*"))
    assert len(swept(out, "market_cost", PRICES, model="deepseek-v3")) == 40


@pytest.mark.parametrize("parts", ["one file", "parts"])
def test_another_question_never_mixes_with_what_is_there(
    parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parts == "parts":
        monkeypatch.setattr(request, "PART_SAMPLES", 5 * 64)
    out = tmp_path / "grid.parquet"
    swept(out, "market_cost", PRICES, model="deepseek-v3")
    for other in ({"model": "gpt-4"}, {"model": "deepseek-v3", "samples": 128}):
        with pytest.raises(InputError, match="holds something else than this sweep"):
            swept(out, "market_cost", PRICES, **other)  # type: ignore[arg-type]


def test_a_foreign_place_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "notes.parquet"
    out.write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        swept(out, "market_cost", PRICES, model="deepseek-v3")
    assert out.read_text() == "mine"


def test_a_name_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"written as Parquet: .*grid\.parquet, not grid\.csv"):
        swept(tmp_path / "grid.csv", "market_cost", PRICES, model="deepseek-v3")


def test_other_facts_on_a_worker_are_noticed() -> None:
    import dataclasses

    wanted = dataclasses.replace(of_forty(), keys=(b"other",))
    with pytest.raises(InputError, match="other facts"):
        next(workers.here(wanted, [0]))


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ("market_rental_price", "takes NAME=a,b,c"),
        ("market_rental_price=1:2", "LOW:HIGH:COUNT"),
        ("market_rental_price=1:2:1", "LOW:HIGH:COUNT"),
        ("market_rental_price=1:2:2.5", "LOW:HIGH:COUNT"),
        ("market_rental_price=1,1", "stands twice"),
        ("market_rental_price=1:2:1e999", "too large"),
        ("market_rental_price=1:2,3", "LOW:HIGH:COUNT"),
        ("market_rental_price=1,x", "does not start with a number"),
        ("market_rental_price=1,2 kg", "'market_rental_price' is in 'USD/hour', not 'kg'"),
        ("deepseek-v3.training_gpu_hours=-5:5:3", "does not lie between"),
        ("market_rental_price=1:2:2e9", "too many"),
        ("makret_rental_price=1,2", "did you mean market_rental_price"),
        ("operations_rate=0.05,0.1", "does not depend on it"),
        ("region=us-texas,us-california", "region: market_cost does not depend on it"),
        ("model=deepseek-v3,gpt-4", "both given and swept over"),
        ("lab=meta,", "comma between"),
    ],
)
def test_what_cannot_be_swept_is_said_before_anything_is_written(over: str, message: str, tmp_path: Path) -> None:
    out = tmp_path / "grid.parquet"
    with pytest.raises(InputError, match=message):
        swept(out, "market_cost", over, model="deepseek-v3")
    assert not out.exists()


def test_a_point_without_an_answer_is_named(tmp_path: Path) -> None:
    hours = {"modelled_training_gpu_hours": parse_override("", "1M hour")}
    terms = Scenario(AS_OF, {"model": "deepseek-v3"}, hours)
    with pytest.raises(InputError, match=r"at training_chips=0: .*divides by a range that spans zero"):
        sweep("modelled_training_days", ["training_chips=8,0"], terms, tmp_path / "grid.parquet")


def test_the_command_prints_rows_path_and_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "grid.parquet"
    words = ["sweep", "rental_cost", "--over", "model=deepseek-v3,gpt-4", "--out", str(out), "--json"]
    assert main(words) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["rows"], printed["path"], printed["computed"]) == (2, str(out), 2)
    assert printed["seconds"] > 0
    assert rows(out)[0]["median"] == wl.ask("rental_cost", model="deepseek-v3").summary.median
    assert main(words[:-1]) == 0
    assert "2 points were there already" in capsys.readouterr().out
