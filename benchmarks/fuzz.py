"""Throws broken text at every parser: each must read it or refuse it with an InputError, quickly.

    python benchmarks/fuzz.py [--seconds 60] [--seed 1] [--json]

Texts that people could write are cut, repeated, swapped and sprinkled with what parsers trip over. Whatever a parser
raises besides InputError, and whatever takes longer than SLOW seconds, is printed with the input and ends the run
with exit code 1. Memory is compared at the start and the end.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
from figures import Figures

from waterline.core.errors import InputError
from waterline.core.scenario import parse_magnitude, parse_override
from waterline.core.units import conversion_factor
from waterline.facts.load import SHIPPED, examine
from waterline.market.prices.read import read_prices
from waterline.moat.examine import UnreadableError, read_content
from waterline.moat.examine import examine as examine_source
from waterline.performance.training.runs import read_runs
from waterline.questions.sweep.axis import read_axes
from waterline.studies.read import SHIPPED as STUDIES
from waterline.studies.read import read_study

SLOW = 5.0  # seconds of processor time
LARGEST = 200_000  # characters of an input
TOO_BUSY = 503

TOKENS = (
    "", " ", "\n", "\t", "\0", "\ufeff", "\u202e", "\U0001f4a9", "é", "½", "١", "-", "--", "..", "...", ",", ":", ";",
    "#", "&a", "*a", "<<: *a", "!!python/object:os.system", "!!float", "---", "- ", "? ", "|", ">", "%", "[", "]", "{",
    "}", '"', "'", "\\", "$", "`", "nan", ".nan", "inf", ".inf", "-.inf", "null", "~", "true", "no", "0", "-0", "1e999",
    "1e-999", "9" * 400, "0x10", "0o7", "1_000", "1:30", "2025-13-45", "2025-02-30", "9999-12-31", "0000-01-01",
    "USD", "USD/hour", "**2", "^0.5", "/0", "degC", "dB", "1 USD", "(((((", "GPU", "fraction", "text", "date", "K",
    "value", "low", "mid", "high", "unit", "valid", "known", "source", "trust", "kind", "entities", "facts", "[[x]]",
)  # fmt: skip

FACTS = {
    "data/attributes/chip.yaml": """chip:
  rental_price: {meaning: Rent, unit: USD/hour, range: [0.01, 1000.0], estimate: quotes, stale_after: 400}
  vendor: {meaning: Maker, unit: text, refers: vendor}
  announced: {meaning: Day of announcement, unit: date, required: true}
vendor:
  revenue: {meaning: Revenue, unit: USD}
""",
    "data/sources/documents.yaml": """one:
  date: 2024-11-30
  publisher: Example Cloud
  title: Price list, November 2024
  url: https://example.org/prices
""",
    "data/assumptions/cost.yaml": """
ratio: {unit: fraction, reason: Unsaid, low: 0.1, mid: 0.2, high: 0.5, bounds: [0, 1]}
choice: {unit: USD, reason: Two offers, discrete: [{value: 1.0, weight: 2.0}, {value: 3.0, weight: 1.0}]}
work: {unit: hour, reason: Guess, pert: [1.0, 2.0, 9.0]}
correlations:
- {first: ratio, second: work, rank: 0.5, reason: Both rise}
""",
    "data/chip/offers.yaml": """kind: chip
entities:
  h800:
    name: H800
    aliases: [H-800]
    facts:
      rental_price:
      - {value: 1.6, unit: USD/hour, valid: 2024-11-30, known: 2024-11-30, source: one, trust: B, provider: x, term: y}
      - {low: 1.0, mid: 2.0, high: 2.5e+0, unit: USD/day, valid: 2024-11-30, known: 2024-12-30, source: one, trust: C}
      announced:
      - {value: 2023-03-21, unit: date, valid: 2023-03-21, known: 2023-03-21, source: one, trust: A}
""",
}
OVERRIDES = [
    "2.5 USD/hour",
    "1.8..2.6 USD/hour",
    "1,2,4 USD",
    "14.8T",
    "5%",
    "-3..-1",
    "1_000..2_000 token",
    "2.7M hour",
]
UNITS = [
    "USD/GPU/hour",
    "TFLOP/s",
    "Gbit/s",
    "USD/kWh",
    "token/s",
    "fraction",
    "year",
    "GB",
    "kW*hour",
    "USD/(hour*GPU)",
]
PRICES = [
    "Date,Open,High,Low,Close,Adj Close,Volume\n2025-01-24,148.4,148.9,141.9,142.6,142.6,234657600\n"
    "2025-01-27,124.8,128.4,116.7,118.4,118.4,818830900\n",
    "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
    "NVDA.US,D,20250127,000000,124.8,128.4,116.7,118.4,818830900,0\n",
    "date,ticker,close\n2025-01-27T21:00:00+00:00,NVDA,118.42\n2025-01-28,NVDA,128.99\n2025-01-28,SPY,604.5\n",
    'Date,NVDA,SPY\n2025-01-27,"1,118.4",599.4\n2025-01-28,128.99,null\n',
]
SOURCES = {
    "cuda": """#include <cuda_runtime.h>
#include <cublas_v2.h>
namespace fast = thrust;
template <typename T> __global__ void add(T *a, const T *b) {
  int i = blockIdx.x * blockDim.x + threadIdx.x; a[i] += __shfl_down_sync(0xffffffff, b[i], 1);
  asm volatile("bar.sync 0;" ::: "memory");
}
const char *kernel = R"(extern "C" __global__ void k(float *x) { x[threadIdx.x] = 0; })";
int main() { cudaMalloc(&p, 10); add<<<1, 32, 0, stream>>>(p, q); cublasSgemm(h, 0, 0, 1, 1, 1, &x, p, 1, p, 1); }
""",
    "python": """import torch, triton
from torch.utils.cpp_extension import CUDAExtension as Extension
@triton.jit
def kernel(x, n: triton.language.constexpr):
    pass
torch.cuda.synchronize(); model.to("cuda"); device = f"cuda:{rank}"
""",
    "build": """find_package(CUDAToolkit REQUIRED)
set(CMAKE_CUDA_ARCHITECTURES 80 90)
target_link_libraries(x PRIVATE CUDA::cublas)
nvidia-cublas-cu12==12.1.3.1
FROM nvidia/cuda:12.4.0-devel-ubuntu22.04
""",
}
QUERIES = [
    "/api/ask/rental_cost?model=deepseek-v3&chip=h800&set.h800.rental_price=1.8..2.6&samples=64",
    "/api/explain/market_cost?model=deepseek-v3&as_of=2025-02-20&depth=1&samples=64&seed=3",
    "/api/facts?search=h800&limit=3",
    "/api/quantities?search=cost",
    "/api/quantities/rental_cost",
    "/api/studies/no-such-study",
    "/ask?quantity=rental_cost&model=deepseek-v3",
]
AXES = ["model=deepseek-v3,gpt-4", "rental_price=1:4:100 USD/hour", "utilisation=50%,90%", "x=1M:2M:3"]


def readers(directory: Path) -> dict[str, tuple[list[str], Callable[[str], object]]]:
    """Parsers by name: the texts to start from, and the call."""
    runs = "\n".join(
        ["id,accelerator,n_accel,model_name,precision,layers,hidden,seq_len,global_batch_seqs,TP,PP,tokens_per_s_per_accel"]
        + [f"r{k},H100,1024,GPT-3 175B,bf16,96,12288,2048,1536,8,{k},300.5" for k in range(1, 4)]
    )  # fmt: skip

    def facts(place: str) -> Callable[[str], object]:
        def read(text: str) -> object:
            base, problems = examine({**{name: whole.encode() for name, whole in FACTS.items()}, place: _bytes(text)})
            if problems:
                raise InputError(problems[0])
            return base

        return read

    def study(text: str) -> object:
        path = directory / "study.yaml"
        path.write_bytes(_bytes(text))
        return read_study(str(path))

    def table(text: str) -> object:
        path = directory / "runs.csv"
        path.write_bytes(_bytes(text))
        return list(read_runs(path))

    def prices(text: str) -> object:
        path = directory / "NVDA.csv"
        path.write_bytes(_bytes(text))
        return read_prices(path)

    def source(language: str) -> Callable[[str], object]:
        def read(text: str) -> object:
            path = directory / "source"
            path.write_bytes(_bytes(text))
            try:
                return examine_source(read_content(str(path), language), language, "source")
            except UnreadableError as problem:
                raise InputError(str(problem)) from problem

        return read

    starter = (STUDIES.parent / "starter.yaml").read_text("utf-8")
    shipped = (STUDIES / "deepseek-shock" / "study.yaml").read_text("utf-8")
    whole = (SHIPPED / "checks.yaml").read_text("utf-8")
    return {
        **{f"facts {Path(place).parent.name}": ([text], facts(place)) for place, text in FACTS.items()},
        "facts checks": ([whole], facts("data/checks.yaml")),
        "study": ([starter, shipped], study),
        "table of runs": ([runs], table),
        "prices": (PRICES, prices),
        **{f"{language} source": ([text], source(language)) for language, text in SOURCES.items()},
        "HTTP query": (QUERIES, http_query()),
        "--set": (OVERRIDES, lambda text: parse_override("name", text).distribution),
        "--over": (AXES, lambda text: read_axes([text], frozenset({"model", "chip"}))),
        "magnitude": (OVERRIDES, parse_magnitude),
        "unit": (UNITS, lambda text: conversion_factor(text, "USD/hour")),
    }


def http_query() -> Callable[[str], object]:
    """Ask the web application; a query that it refuses has a status from 400 to 499."""
    from starlette.testclient import TestClient

    from waterline.questions.session import default_session
    from waterline.web.app import application
    from waterline.web.guard import Limits

    hosts, limits = {"localhost"}, Limits(rate=1e6, burst=1_000_000)
    client = TestClient(application(default_session(), {}, hosts, limits), base_url="http://localhost")

    def ask(text: str) -> object:
        try:
            answer = client.get("/" + quote(text, safe="/?&=%.,+:;", errors="surrogatepass").lstrip("/"))
        except httpx.InvalidURL as problem:
            raise InputError("no client sends it") from problem
        if answer.status_code >= 500 and answer.status_code != TOO_BUSY:
            raise RuntimeError(f"status {answer.status_code}: {answer.text[:200]}")
        if answer.status_code >= 400:
            raise InputError(answer.text)
        return answer

    return ask


def mutated(text: str, chance: random.Random) -> str:
    """The text with a few things wrong with it."""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at, end = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
        end = min(end, at + chance.choice((1, 3, 10, 80)))
        change = chance.randrange(7)
        if change == 0:
            text = text[:at] + text[end:]
        elif change == 1:
            text = text[:at] + chance.choice(TOKENS) + text[at:]
        elif change == 2:
            text = text[:at] + chance.choice(TOKENS) + text[end:]
        elif change == 3:
            text = text[:at] + text[at:end] * chance.choice((2, 3, 50, 400)) + text[end:]
        elif change == 4:
            other = chance.randint(0, len(text))
            text = text[:at] + text[other : other + end - at] + text[end:]
        elif change == 5:
            text = (
                text[:at]
                + chr(chance.choice((0, 1, 0x7F, 0xA0, 0xD800, 0x2028, 0x10FFFF, chance.randrange(256))))
                + text[end:]
            )
        else:
            lines = text.split("\n")
            chance.shuffle(lines) if chance.random() < 0.2 else lines.insert(
                chance.randint(0, len(lines)), chance.choice(lines)
            )
            text = "\n".join(lines)
    return text[:LARGEST]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def attack(seconds: float, seed: int) -> tuple[Counter[str], Counter[str], list[str], float]:
    """Inputs and refusals by parser, what went wrong, and how many megabytes memory grew by."""
    tried: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as directory:
        parsers = readers(Path(directory))
        before = 0
        for name in _turns(parsers, seconds):
            starts, parse = parsers[name]
            text = mutated(chance.choice(starts), chance)
            began = time.process_time()
            try:
                parse(text)
            except InputError:
                refused[name] += 1
            except Exception as problem:
                where = traceback.extract_tb(problem.__traceback__)[-1]
                wrong.setdefault(
                    f"{name}: {type(problem).__name__} at {where.filename}:{where.lineno}: {problem}"[:300], text
                )
            took = time.process_time() - began
            if took > SLOW:
                wrong.setdefault(f"{name}: took {took:.1f} s", text)
            tried[name] += 1
            if sum(tried.values()) == 2000:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return tried, refused, [f"{what}\n  input: {text[:2000]!r}" for what, text in wrong.items()], grown


def _turns(names: dict[str, object], seconds: float) -> Iterator[str]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield from names


def main() -> int:
    """Run, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tried, refused, wrong, grown = attack(options.seconds, options.seed)
    figures = Figures("Broken input", f"{options.seconds:g} seconds of mutated texts, seed {options.seed}")
    for name, count in tried.items():
        figures.add(f"{name}: inputs", count, "inputs")
        figures.add(f"{name}: refused", 100 * refused[name] / count, "%")
    figures.add("neither read nor refused, or slow", len(wrong), "kinds", "0")
    figures.add("memory grown", grown, "MB")
    figures.show()
    if not options.json:
        print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
