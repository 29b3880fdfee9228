"""Writes src/waterline/moat/data/{apis,python_surface}.csv from the gathered tables.

    python benchmarks/scan_api_map.py ../shared/data

Drops what binds nobody to CUDA although the tables list it: plain C mathematics (`sqrtf`, `max`) and words that mean
other things in other code (`texture`, `GLuint`). Headers lose their brackets.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parents[1] / "src" / "waterline" / "moat" / "data"
SOURCES = (("ROCm/HIPIFY", "hipify"), ("ROCm/rccl", "rccl"), ("pytorch", "pytorch"))

# Of the device functions without leading underscores these are CUDA's own; the rest is the C library's
OWN_FUNCTIONS = re.compile(r"atomic[A-Z]\w*|h2[a-z]\w*|make_(?:half2|bfloat162)|nv_\w+|clock64|__\w+")
OTHER_MEANINGS = {
    "GLenum", "GLuint", "MAJOR_VERSION", "MINOR_VERSION", "PATCH_LEVEL", "__assert_fail", "cl_context_flags",
    "cl_context_flags_enum", "cl_event_flags", "cl_event_flags_enum", "memoryBarrier", "mtgp32_kernel_params",
    "mtgp32dc_params_fast_11213", "tensorpipe/tensorpipe_cuda.h", "texture", "thrust::cuda", "cub::",
    "CIG_DATA_TYPE_D3D12_COMMAND_QUEUE",
}  # fmt: skip


def apis(table: Path) -> Iterator[tuple[str, ...]]:
    for row in csv.DictReader(table.open(encoding="utf-8")):
        name = re.sub(r'^include ["<]|[<>"]', "", row["api"])
        if name in OTHER_MEANINGS or (row["kind"] == "intrinsic" and not OWN_FUNCTIONS.fullmatch(name)):
            continue
        library = row["library"]
        if row["kind"] == "cublaslt":
            library = "cublaslt"
        sycl = {"m": "direct", "N": "unsupported"}.get(row["sycl_equivalent"][:1], "")
        source = next(key for start, key in SOURCES if row["source"].startswith(start))
        yield name, library, row["status"], row["hip_equivalent"].strip("<>"), sycl, source


# Texts of the table that the scanner finds by structure: (pattern, kind of match); None is found by other rules
BY_STRUCTURE = {
    ".cuda(": (".cuda()", "method"), ".is_cuda": (".is_cuda", "method"), "pin_memory": ("pin_memory", "keyword"),
    'device="cuda"': ('"cuda"', "value"), 'torch.device("cuda")': ('"cuda"', "value"),
    'map_location="cuda"': ('"cuda"', "value"), 'init_process_group(backend="nccl")': ('"nccl"', "value"),
    "torch.distributed.ProcessGroupNCCL": ("torch.distributed.ProcessGroupNCCL", "attr"),
    "jax": ("jax", "import"), "jax.default_backend": ("jax.default_backend", "attr"),
    'jax.devices("gpu")': ('"gpu"', "value"), "asm_volatile": None, "load_inline(cuda_sources": None,
    "NCCL_": None, "nvidia-smi": ("nvidia-smi", "text"), "jax-cuda12-plugin": ("jax-cuda12-plugin", "text"),
    "__global__": None, "find_package(CUDAToolkit)": None, "enable_language(CUDA)": None,
}  # fmt: skip


def python_surface(table: Path) -> Iterator[tuple[str, ...]]:
    statuses = {"works_on_rocm_build": "direct", "changed_on_rocm": "changed", "cuda_only": "unsupported"}
    for row in csv.DictReader(table.open(encoding="utf-8")):
        found = BY_STRUCTURE.get(row["pattern"], (row["pattern"], row["match_kind"]))
        if found is None:
            continue
        # The table's own note: ROCm honours this one of its family
        hip = "direct" if row["pattern"] == "CUDA_VISIBLE_DEVICES" else statuses[row["portability"]]
        yield (
            *found, row["family"], hip,
            row["agnostic_alternative"].strip("—"), row["weight_hint"],
        )  # fmt: skip
    yield "torch.cuda", "attr", "torch", "direct", "torch.accelerator.*", "0.1"  # names of it that are not listed


def write(name: str, header: str, rows: Iterator[tuple[str, ...]]) -> None:
    found = sorted(set(rows))
    with (DATA / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(found)
    print(f"{name}: {len(found):,} rows")


if __name__ == "__main__":
    tables = Path(sys.argv[1])
    write("apis.csv", "name,library,hip,hip_name,sycl,source", apis(tables / "cuda_api_map.csv"))
    write(
        "python_surface.csv", "name,match,family,hip,alternative,weight",
        python_surface(tables / "cuda_python_surface.csv"),
    )  # fmt: skip
