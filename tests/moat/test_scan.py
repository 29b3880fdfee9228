"""The scanner on trees: what is read, what is passed over and why, what is remembered, what ends it."""

from __future__ import annotations

import os
import re
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from waterline.core.errors import InputError
from waterline.moat import examine, syntax
from waterline.moat import scan as scanner
from waterline.moat.build import examine_build
from waterline.moat.counts import bound, counts
from waterline.moat.cpp import examine_cpp
from waterline.moat.scan import Scan, scan
from waterline.moat.source_text import SourceText

KERNEL = "#include <cuda_runtime.h>\n__global__ void k() {}\nvoid f() { k<<<1, 1>>>(); cudaFree(p); }\n"


def names(found: Scan) -> dict[str, int]:
    tally: dict[str, int] = {}
    for file in found.files:
        for point in file.findings.touchpoints:
            tally[point.name] = tally.get(point.name, 0) + len(point.lines)
    return tally


def test_links_archives_binaries_and_special_files_are_passed_over_with_their_reason(tmp_path: Path) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    (tree / "a").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.cu").write_text(KERNEL)
    (tree / "a" / "k.cu").write_text(KERNEL)
    (tree / "a" / "loop").symlink_to(tree)
    (tree / "out").symlink_to(outside)
    (tree / "gone.cu").symlink_to(tmp_path / "nowhere.cu")
    (tree / "blob.cu").write_bytes(b"\x7fELF\0\0cudaMalloc")
    os.mkfifo(tree / "pipe.cu")
    with zipfile.ZipFile(tree / "bomb.zip", "w") as archive:
        archive.writestr("k.cu", KERNEL)
    found = scan(tree)
    assert [file.name for file in found.files] == ["a/k.cu"]
    assert found.skipped.counts == {
        "symbolic link, not followed": 3, "binary": 1, "not a regular file": 1, "archive, not opened": 1,
    }  # fmt: skip


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_and_folders_are_reported(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "k.cu").write_text(KERNEL)
    (tmp_path / "k.cu").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        found = scan(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert sum(found.skipped.counts.values()) == 2


def test_encodings_and_names_that_are_odd(tmp_path: Path) -> None:
    (tmp_path / "new\nline.cu").write_text(KERNEL)
    (tmp_path / "utf16.cu").write_text(KERNEL, encoding="utf-16")
    (tmp_path / "latin.cu").write_bytes(b"// caf\xe9 \xff\n" + KERNEL.encode())
    (tmp_path / "mark.py").write_bytes(b"\xef\xbb\xbfimport torch\nx = torch.cuda.synchronize()\n")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.cu")).write_text(KERNEL)
    found = scan(tmp_path)
    assert names(found)["cudaFree"] == 4
    assert names(found)["torch.cuda.synchronize"] == 1
    assert "".join(file.name for file in found.files).encode()  # every name can be printed


def test_a_giant_line_is_read_up_to_a_bound_and_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine, "LARGEST_READ", 50_000)
    path = tmp_path / "table.cu"
    with path.open("wb") as stream:
        stream.write(b"cudaMalloc(1); ")
        stream.seek(1_000_000_000)  # a hole: takes no room on the disk
        stream.write(b"cudaFree(1);")
    with path.open("r+b") as stream:
        stream.seek(15)
        stream.write(b"x" * examine.LARGEST_READ)
    found = scan(tmp_path)
    assert names(found) == {"cudaMalloc": 1}
    assert found.bytes_read == examine.LARGEST_READ
    assert "only the first" in found.files[0].findings.notes[-1]


def test_files_that_vanish_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.cu").write_text(KERNEL)
    (tmp_path / "b.cu").write_text(KERNEL)
    read = scanner.read_content

    def vanishing(path: str, language: str) -> examine.Content:
        (tmp_path / "b.cu").unlink(missing_ok=True)
        return read(path, language)

    monkeypatch.setattr(scanner, "read_content", vanishing)
    found = scan(tmp_path)
    assert [file.name for file in found.files] == ["a.cu"]
    assert found.skipped.counts == {"cannot be read: No such file or directory": 1}


@pytest.mark.parametrize("unit", ["/*", "//\\\n", '"', 'R"x(', "'", "a<", "__global__ ", "f(", "#define X(", "<<<"])
def test_hostile_text_takes_bounded_time_and_is_still_read(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "LONGEST_PARSE", 0.3)
    found = examine_cpp("cudaFree(p);\n" + unit * (200_000 // len(unit)), "cuda")
    assert ("cudaFree", (1,)) in [(point.name, point.lines) for point in found.touchpoints]


@pytest.mark.parametrize(
    "text", ["(" * 100_000, "x = " + "-" * 100_000 + "1", "[" * 5000 + "]" * 5000, "\0", "a +" * 50_000]
)
def test_hostile_python_is_read_from_its_tokens(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.py").write_text("import torch\ntorch.cuda.synchronize()\n" + text)
    found = scan(tmp_path)
    assert not found.files or names(found).get("torch.cuda.synchronize") == 1


def test_words_cut_by_line_ends_and_offsets_stay_on_their_lines() -> None:
    source = SourceText('x = "a\\\nb"; /* c\n d */ cudaMem\\\ncpy(1); // e\ncudaFree(2);')
    assert source.text.count("\n") == source.code.count("\n") == 4
    assert source.line(source.code.index("cudaMemcpy")) == 3
    assert source.line(source.code.index("cudaFree")) == 5


def test_only_what_changed_is_examined_again(tmp_path: Path) -> None:
    for place in range(5):
        (tmp_path / f"k{place}.cu").write_text(KERNEL + f"// {place}\n")
    first = scan(tmp_path)
    assert first.remembered == 0
    (tmp_path / "k0.cu").write_text(KERNEL + "cudaMalloc();\n")
    second = scan(tmp_path)
    assert second.remembered == 4
    assert names(second)["cudaMalloc"] == 1
    assert names(scan(tmp_path)) == names(second)


def test_an_interrupt_gives_a_partial_result_and_keeps_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(6):
        (tmp_path / f"k{place}.cu").write_text(KERNEL + f"// {place}\n")
    monkeypatch.setattr(scanner, "_BATCH_FILES", 1)

    def interrupt(done: int, of: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    found = scan(tmp_path, progress=interrupt)
    assert found.partial
    assert 0 < len(found.files) < 6
    again = scan(tmp_path)
    assert not again.partial
    assert again.remembered == len(found.files)


def test_processes_find_what_one_finds_and_a_dying_one_costs_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(12):
        (tmp_path / f"k{place}.cu").write_text(KERNEL + f"// {place}\n")
    alone = scan(tmp_path, workers=1, use_memory=False)
    monkeypatch.setattr(scanner, "_ALONE", 0)
    monkeypatch.setattr(scanner, "_BATCH_FILES", 2)
    assert names(scan(tmp_path, workers=2, use_memory=False)) == names(alone)
    if sys.platform == "linux" and threading.active_count() < 10:
        read = scanner.examine

        def dying(content: examine.Content, language: str, name: str) -> object:
            if name == "k7.cu":
                os._exit(9)
            return read(content, language, name)

        monkeypatch.setattr(scanner, "examine", dying)
        found = scan(tmp_path, workers=2, use_memory=False)
        assert len(found.files) == 11
        assert found.skipped.counts == {"reading it ended the process": 1}


def test_nothing_is_executed(tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    for name in ("setup.py", "conftest.py", "sitecustomize.py"):
        (tmp_path / name).write_text(f"import torch.cuda\nopen({str(witness)!r}, 'w')\n")
    (tmp_path / "Makefile").write_text(f"X := $(shell touch {witness}) nvcc\n")
    assert scan(tmp_path).files
    assert not witness.exists()


def test_a_path_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        scan(tmp_path / "missing")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match="not a source file"):
        scan(tmp_path / "notes.txt")


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
        from waterline.core.scenario import Scenario
        from waterline.questions.code_base import portrait
        from waterline.questions.session import default_session, today

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
    (tmp_path / "third_party" / "lib" / "k.cu").write_text(KERNEL)
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


def test_a_copy_of_a_library_is_third_party_and_a_folder_of_that_name_alone_is_not(tmp_path: Path) -> None:
    for folder in ("csrc/cutlass/include/cutlass", "csrc/attention/cutlass"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "k.cu").write_text(KERNEL)
    assert {file.name: file.role for file in scan(tmp_path).files} == {
        "csrc/cutlass/include/cutlass/k.cu": "third-party", "csrc/attention/cutlass/k.cu": "product",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_the_page_speaks_each_language_of_the_reports(tmp_path: Path, language: str) -> None:
    from waterline.core.scenario import Scenario
    from waterline.questions.code_base import document, portrait
    from waterline.questions.session import default_session, today
    from waterline.report.scan_page import scan_page

    (tmp_path / "<k>.cu").write_text(KERNEL)
    found = portrait(default_session(), scan(tmp_path), "hip", Scenario(today(), samples=64))
    report = document(found)
    assert 0 <= report["break_even"]["pays"] <= 1
    assert report["break_even"]["to"] == "mi300x"
    page = scan_page(found, report, language)
    title = {"en": "Does the move pay?", "zh-Hant": "遷移划算嗎？", "zh-Hans": "迁移划算吗？"}[language]
    assert f'<html lang="{language}">' in page
    assert title in page
    assert "<k>.cu" not in page
    assert '<span lang="en">' in page or language == "en"


def test_languages_of_the_page_have_the_same_messages() -> None:
    from waterline.report.wording import table

    assert table("scan.en.yaml")["messages"].keys() == table("scan.zh-Hant.yaml")["messages"].keys()


def test_a_code_base_that_only_its_build_files_bind_has_no_ratio(tmp_path: Path) -> None:
    from waterline.core.scenario import Scenario
    from waterline.questions.code_base import document, portrait
    from waterline.questions.session import default_session, today

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


@pytest.mark.parametrize("piece", ["\n", "#\n", " \n", "project(", "LANGUAGES ", "jaxlib-"])
def test_a_build_file_of_one_piece_again_and_again_is_read_to_its_end(piece: str) -> None:
    text = piece * 60_000  # patterns that go on from every place to the end would take minutes
    assert examine_build(text + "\nnvidia-cublas\n").touchpoints
