"""From what a scan found to counts, statuses and effort: what counts, on which target, and for whom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from waterline.core.errors import InputError
from waterline.core.scenario import Scenario
from waterline.moat.counts import bound, counts
from waterline.moat.cpp import examine_cpp
from waterline.moat.scan import scan
from waterline.questions.code_base import document, portrait
from waterline.questions.session import default_session, today


def test_counts_equal_those_of_hipify_perl_once_rules_are_aligned() -> None:
    """hipify-perl replaces a name as a word anywhere; we leave out comments, strings, members, other namespaces."""
    path = Path(__file__).parent / "labelled" / "csrc" / "runtime.cu"
    text = path.read_text("utf-8")
    text = re.sub(r"(?m)//=.*$", "", text)  # the labels are comments, which hipify counts
    found = examine_cpp(text, "cuda")
    tally = {point.name: len(point.lines) for point in found.touchpoints if point.kind == "api"}
    # What hipify-perl counts, worked by hand: name, its count, and what it counts more than we do
    for name, hipify, more in (
        ("cudaMalloc", 6, {"block comment": 1, "string": 1, "member": 2}),
        ("cudaFree", 6, {"string": 1, "line comment": 2, "member": 2}),
        ("cudaMemset", 2, {"another namespace": 1}),
        ("cudaMemcpyAsync", 1, {}),
        ("cudaStream_t", 2, {}),
        ("cudaSuccess", 2, {}),
    ):
        assert len(re.findall(rf"\b{name}\b", text)) == hipify, name
        split = 1 if name == "cudaMalloc" else 0  # cut by a line end: hipify misses it
        assert tally[name] == hipify - sum(more.values()) + split, name


def test_api_share_alone_ranks_the_wrong_way_and_the_effort_the_right_way(tmp_path: Path) -> None:
    """A kernel library on CuTe and PTX with few CUDA calls is more bound than one with many, behind a HIP header."""
    attention, ggml = tmp_path / "attention", tmp_path / "ggml"
    (attention / "csrc").mkdir(parents=True)
    (ggml / "vendors").mkdir(parents=True)
    for place in range(8):
        (attention / "csrc" / f"fwd_{place}.cu").write_text(
            "#include <cute/tensor.hpp>\nusing namespace cute;\n"
            "__global__ void fwd() { auto t = make_tensor(p, make_layout(1));\n"
            'asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {%0}, %1, %2;" : : "l"(p)); }\n'
            f"void run() {{ cudaFree(p); cudaMalloc(&p, {place}); cudaGetLastError(); }}\n"
        )
        (ggml / f"op_{place}.cu").write_text(
            '#include "vendors/hip.h"\n__global__ void op() { __shfl_xor_sync(0xffffffff, 1, 2); __vcmpne4(1, 2); }\n'
            f"void run() {{ cudaFree(p); cudaMalloc(&p, {place}); cudaGetLastError(); op<<<1, 1>>>(); }}\n"
        )
    (ggml / "vendors" / "hip.h").write_text(
        "#include <hip/hip_runtime.h>\n#define cudaFree hipFree\n#define cudaMalloc hipMalloc\n"
        "#define cudaGetLastError hipGetLastError\n#define __shfl_xor_sync(mask, var, lane) __shfl_xor(var, lane)\n"
        "#define __vcmpne4(a, b) own_vcmpne4(a, b)\n"
    )

    def asked(root: Path) -> tuple[float, float, float]:
        found = portrait(default_session(), scan(root), "hip", Scenario(today(), samples=256))
        apis = [place for place in found.touchpoints if place.touchpoint.kind == "api"]
        direct = sum(place.count for place in apis if place.status.name == "direct") / sum(p.count for p in apis)
        effort = found.ask("porting_effort").summary.median
        return direct, effort, found.ask("portability_score").summary.median

    first, second = asked(attention), asked(ggml)
    assert first[0] > second[0]  # more of its calls have an equal …
    assert first[1] > 3 * second[1]  # … and yet it takes far more
    assert first[2] < second[2]


def test_third_party_code_is_counted_and_left_out_of_the_effort(tmp_path: Path) -> None:
    (tmp_path / "third_party" / "lib").mkdir(parents=True)
    (tmp_path / "third_party" / "lib" / "k.cu").write_text("void f() { cudaFree(p); }\n")
    found = scan(tmp_path)
    touchpoints = bound(found, "hip")
    assert touchpoints
    assert counts(touchpoints, "hip")["direct_uses"] == 0


def test_sycl_says_unknown_where_the_map_is_silent(tmp_path: Path) -> None:
    (tmp_path / "k.cu").write_text("void f() { cudaMalloc(p, 1); cublasSgemm(h); }\n")
    statuses = {place.touchpoint.name: place.status.name for place in bound(scan(tmp_path), "sycl")}
    assert statuses["cublasSgemm"] == "unknown"
    with pytest.raises(InputError, match="did you mean sycl"):
        bound(scan(tmp_path), "sicl")


def test_counts_without_a_group_are_those_of_the_rest() -> None:
    """What to change first subtracts a group's counts, which is right because groups share no use."""
    touchpoints = bound(scan(Path(__file__).parent / "labelled", use_memory=False), "hip")
    whole = counts(touchpoints, "hip")
    for group in {place.group for place in touchpoints}:
        inside = counts((place for place in touchpoints if place.group == group), "hip")
        rest = counts((place for place in touchpoints if place.group != group), "hip")
        for name in whole:
            if name.endswith(("_uses", "_repeats", "_weight")):
                assert whole[name] - inside[name] == pytest.approx(rest[name]), (group, name)


def test_a_code_base_that_only_its_build_files_bind_has_no_ratio(tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").write_text("find_package(CUDAToolkit)\n")
    (tmp_path / "setup.py").write_text("libraries = ['-L/usr/local/cuda/lib64']\n")
    report = document(portrait(default_session(), scan(tmp_path), "hip", Scenario(today(), samples=64)))
    assert report["portability_score"] is None
    assert report["effort_person_weeks"]["median"] > 0


def test_a_package_is_not_bound_by_its_own_name(tmp_path: Path) -> None:
    for folder in ("vllm", "tools"):
        (tmp_path / folder).mkdir()
    (tmp_path / "vllm" / "__init__.py").write_text("")
    (tmp_path / "tools" / "serve.py").write_text("import vllm\nimport cupy\n")
    assert {place.touchpoint.name for place in bound(scan(tmp_path), "hip")} == {"cupy"}
    (tmp_path / "vllm" / "__init__.py").unlink()
    assert {place.touchpoint.name for place in bound(scan(tmp_path), "hip")} == {"cupy", "vllm"}
