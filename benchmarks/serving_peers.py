"""The serving engine beside peers on published runs: error and speed, on the rows that both can represent.

    for name in aiconfigurator genz-llm; do python -m venv V-$name; V-$name/bin/pip install $name; done
    python benchmarks/serving_peers.py --aiconfigurator V-aiconfigurator/bin/python \\
        --genz-llm V-genz-llm/bin/python [--json]

Compared are runs with a fixed number of requests in flight on chips that both read and write, in a published layout.

aiconfigurator (NVIDIA) interpolates kernels measured on each system; many of these runs are those that it ships to
check itself by. It is asked for one estimate after another, in its default mode and newest tables, with the mean
lengths of a run; what its tables do not hold is left out. GenZ (Bambhaniya et al. 2024, arXiv 2406.01698) is a roofline
of one decoding step, here at the mean context; it knows grouped attention and whole experts. Waterline's constants are
fitted to published runs, these among them, so that its errors are given with the source of each row left out of the
fit, too. Vidur's package does not hold the profiles that it needs, and Calculon does not serve.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import yaml
from figures import Figures
from numpy.typing import NDArray
from peer import HERE, asked
from serving_calibrate import KEYS, ROWS, constants_without, read_cases
from serving_fit import Scale, free_names, linearised
from serving_problem import Problem

from waterline.performance.constants import Constants
from waterline.performance.serving.cases import ServedCase, batch_of
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.prediction import predict

NAMES = yaml.safe_load((HERE / "peer_names.yaml").read_text("utf-8"))
METHOD = (
    "published runs with a fixed number of requests in flight, in a published layout; Waterline's constants are fitted "
    "to published runs, these among them, and once more without those of a row's own source"
)
Times = NDArray[np.float64]  # (rows, 2): seconds to the first token and per token


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--aiconfigurator", metavar="PYTHON")
    parser.add_argument("--genz-llm", metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = Figures("Serving beside other packages", METHOD)
    serving(figures, options.aiconfigurator, options.genz_llm)
    figures.show()


def serving(figures: Figures, aiconfigurator: str | None, genz: str | None) -> None:
    """Errors of Waterline on all rows, of each peer and Waterline on those that it answers, and estimates a second."""
    if not ROWS.exists():
        return
    constants = serving_constants()
    everyone = read_cases(constants)
    cases = [case for case in everyone if case.task.load == "closed" and case.run.tpot and case.run.ttft]
    measured = np.array([[case.run.ttft, case.run.tpot] for case in cases], dtype=float)
    started = time.process_time()
    found = predicted(cases, constants)
    figures.add("estimates of a served model: Waterline", len(cases) / (time.process_time() - started), "a second")
    ours = {"Waterline": found, "Waterline, source left out": without_their_source(everyone, cases, constants)}
    compare(figures, ours, measured)
    for python, name, script, question in (
        (aiconfigurator, "aiconfigurator", "peer_aiconfigurator.py", kernels_question),
        (genz, "GenZ", "peer_genz.py", roofline_question),
    ):
        if python:
            peer = asked(script, [question(case) for case in cases], python)
            release = f"{name} {peer['version']}"
            figures.add(f"estimates of a served model: {release}", peer["a_second"], "a second")
            theirs = np.array([np.broadcast_to(answer, 2) for answer in peer["answers"]])
            compare(figures, {release: theirs, **ours}, measured)


def compare(figures: Figures, found: dict[str, Times], measured: Times) -> None:
    """Median error, and what nine in ten are within, of each on the rows that all have an answer to."""
    for column, metric in enumerate(("time to first token", "time per token")):
        rows = np.all([np.isfinite(times[:, column]) for times in found.values()], axis=0)
        for who, times in found.items() if rows.any() else ():
            figures.errors(f"{metric}, {rows.sum():,} runs: {who}", times[rows, column] / measured[rows, column])


def predicted(cases: Sequence[ServedCase], constants: Constants) -> Times:
    """The engine's times."""
    found = predict(batch_of(cases, constants), constants)
    return np.stack([found.ttft, found.tpot], axis=1)


def without_their_source(everyone: list[ServedCase], cases: list[ServedCase], constants: Constants) -> Times:
    """The engine's times with constants fitted to what other sources than a run's own have published."""
    problem = Problem(everyone, constants)
    scale = Scale(free_names(problem, constants), constants)
    model = linearised(problem, scale, scale.point(constants))
    sources, times = np.array([KEYS["source"](case) for case in cases]), np.empty((len(cases), 2))
    for source in np.unique(sources):
        rows = np.flatnonzero(sources == source)
        times[rows] = predicted([cases[row] for row in rows], constants_without(model, KEYS["source"], source))
    return times


def kernels_question(case: ServedCase) -> dict[str, Any] | None:
    """The run in aiconfigurator's terms."""
    run, workload = case.run, case.task.workload
    model = NAMES["models"].get(run.model.name, {})
    name = model.get(run.precision, model.get("other"))
    system, engine = NAMES["systems"].get(run.accelerator), NAMES["engines"].get(case.software.engine)
    if not (name and system and engine and run.tensor):
        return None
    ranks, groups = int(run.tensor), int(run.data or 1)
    experts = {}
    if case.shape.experts:
        whole = int(run.expert or 1)
        experts = {"moe_ep_size": whole, "moe_tp_size": max(1, ranks * groups // whole)}
    return {
        "model": name,
        "system": system,
        "backend_name": engine,
        "isl": round(workload.input),
        "osl": round(workload.output),
        "batch_size": max(1, round(float(workload.concurrency) / groups)),
        "tp_size": ranks,
        "pp_size": int(run.pipeline or 1),
        "attention_dp_size": groups,
        **experts,
    }


def roofline_question(case: ServedCase) -> dict[str, Any] | None:
    """The run in GenZ's terms: weights, cache and arithmetic have one format, that of most weights."""
    run, workload, shape = case.run, case.task.workload, case.shape
    spread = {run.expert or 1.0, run.data or 1.0, run.pipeline or 1.0} != {1.0}
    whole = shape.attention_layers == shape.layers and not shape.latent and shape.dense_layers in (0, shape.layers)
    if spread or not whole or not run.tensor:
        return None
    ranks, experts = int(run.tensor), int(shape.experts)
    size = case.formats.expert_bytes if experts else case.formats.linear_bytes
    return {
        "model": {
            "model": "model",
            "vocab_size": int(shape.vocab),
            "hidden_size": int(shape.hidden),
            "intermediate_size": int(shape.expert_ffn if experts else shape.ffn),
            "num_ffi": int(shape.gates),
            "num_decoder_layers": int(shape.layers),
            "num_attention_heads": int(shape.heads),
            "num_key_value_heads": int(shape.kv_heads),
            "head_dim": int(shape.value_dim),
            **({"num_experts": experts, "expert_top_k": int(shape.active_experts)} if experts else {}),
        },
        "system_name": {
            "Flops": case.silicon.half_rate / 1e12,
            "Memory_size": 1e6,  # what does not fit by its count ran all the same
            "Memory_BW": case.silicon.memory_rate / 1e9,
            "ICN": case.silicon.link_rate / 1e9,
            "real_values": True,
        },
        "batch_size": max(1, round(float(workload.concurrency))),
        "input_tokens": round(workload.input + workload.output / 2),
        "bits": "bf16" if size > 1.5 else "fp8" if size > 0.75 else "fp4",
        "tensor_parallel": ranks,
        "parallelism_heirarchy": f"TP{{{ranks}}}_EP{{1}}_PP{{1}}",
    }


if __name__ == "__main__":
    main()
