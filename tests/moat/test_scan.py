"""The scanner on trees: what is read, what is passed over and why, what is remembered, what ends it."""

from __future__ import annotations

import os
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from waterline.core.errors import InputError
from waterline.moat import examine, syntax
from waterline.moat import scan as scanner
from waterline.moat.build import examine_build
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


@pytest.mark.parametrize(
    "unit",
    [
        "/*",
        "//\\\n",
        '"',
        'R"x(',
        "'",
        "a<",
        "__global__ ",
        "f(",
        "#define X(",
        "<<<",
        "*",
        "f(%<",
        "*;",
        "->#/*for@ ",
        " ",
    ],
)
def test_hostile_text_is_still_read(unit: str) -> None:
    """Nested errors, errors in every token, comments without an end, blanks in assembly: unbounded, some take hours."""
    found = examine_cpp("cudaFree(p);\nasm " + unit * (200_000 // len(unit)), "cuda")
    assert ("cudaFree", (1,)) in [(point.name, point.lines) for point in found.touchpoints]


def test_the_grammar_is_stopped_by_steps_and_not_asked_about_errors_that_are_too_wide() -> None:
    pool = "struct pool { void (*cudaFree)(void *); };\ncudaFree(p);\n"
    for more in ("", "int broken(;\n"):
        found = examine_cpp(pool + more, "cuda")
        assert [point.lines for point in found.touchpoints] == [(2,)]
        assert not found.notes
    for more in ("*;" * 10_000, "(" * 12_000):
        found = examine_cpp(pool + more, "cuda")
        assert [point.lines for point in found.touchpoints] == [(1, 2)]
        assert found.notes == ("too broken for the grammar: read from its tokens",)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "x = " + "-" * 100_000 + "1",
        "[" * 5000 + "]" * 5000,
        "\0",
        "a +" * 50_000,
        "torch" + ".a" * 97_000 + ")",
    ],
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


def test_the_grammar_gets_the_text_up_to_what_nothing_closes() -> None:
    for text in ("a /* b */", 'R"x(a)x" b', 'a "b', "// a", ""):
        assert SourceText(text).closed_text() == text
    for text, closed in {"a /*/": "a ", 'a R"x(b)y"': "a ", "/* a */ b /* c": "/* a */ b "}.items():
        assert SourceText(text).closed_text() == closed


def test_the_grammar_keeps_nothing_of_what_it_has_read() -> None:
    for content in (b"int f() { return 1; }\n" * 50, b"*;" * 12_000):
        before = sys.getrefcount(content)
        syntax._parse(content)
        assert sys.getrefcount(content) == before


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


def test_a_copy_of_a_library_is_third_party_and_a_folder_of_that_name_alone_is_not(tmp_path: Path) -> None:
    for folder in ("csrc/cutlass/include/cutlass", "csrc/attention/cutlass"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "k.cu").write_text(KERNEL)
    assert {file.name: file.role for file in scan(tmp_path).files} == {
        "csrc/cutlass/include/cutlass/k.cu": "third-party", "csrc/attention/cutlass/k.cu": "product",
    }  # fmt: skip


@pytest.mark.parametrize("piece", ["\n", "#\n", " \n", "project(", "LANGUAGES ", "jaxlib-"])
def test_a_build_file_of_one_piece_again_and_again_is_read_to_its_end(piece: str) -> None:
    text = piece * 60_000  # patterns that go on from every place to the end would take minutes
    assert examine_build(text + "\nnvidia-cublas\n").touchpoints
