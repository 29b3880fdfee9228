"""The scanner's counts against hipify-perl's, name by name on the same files, and the processor time of each.

    python benchmarks/scan_hipify.py --hipify PATH [--warnings] [TREE ...]

PATH is the script or a checkout of HIPIFY; without one the comparison is skipped. TREE: folders with C++ and CUDA, by
default the labelled set of the tests. hipify-perl replaces a name wherever it stands as a word. So for each name

    hipify's count = ours + comments + strings + header paths + members + other namespaces − words cut by a line end

must hold; what is left on either side is printed by name. hipify prints one count for all names that it replaces by the
same name, so that such names are compared as one. With ``--warnings`` it also looks for what it cannot replace, as it
does by default; that is slower by two orders of magnitude.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from waterline.moat.cpp import examine_cpp, verdict, written_as_another
from waterline.moat.examine import UnreadableError, read_content
from waterline.moat.lexicon import apis
from waterline.moat.source_text import SourceText, literals
from waterline.moat.syntax import structure
from waterline.moat.tree import Skipped, source_files

LABELLED = Path(__file__).parents[1] / "tests" / "moat" / "labelled"
REPLACED = re.compile(r"^  (\S+) => (\S+): (\d+)$", re.MULTILINE)
INCLUDE = re.compile(r"[ \t]*#[ \t]*include[ \t]*[<\"]")
NOT_BEFORE_A_HEADER = r"(?<![!~`@#$%^&*\-+=\[\](){}.,?'>])\b"  # as in hipify-perl
FILES_A_RUN = 200
SHOWN = 20


@dataclass
class Counted:
    """Occurrences by name: of ours, and of those that hipify alone counts, by reason."""

    ours: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, reason: str, name: str, count: int = 1) -> None:
        self.reasons.setdefault(reason, Counter())[name] += count

    def hipify(self, name: str) -> int:
        """What hipify must count of a name if nothing is left unexplained."""
        return self.ours[name] + sum(counts[name] for counts in self.reasons.values())


def sources(tree: Path) -> Iterator[tuple[Path, str]]:
    for source in source_files(tree, Skipped()):
        if source.language in ("cuda", "c++"):
            try:
                content = read_content(source.path, source.language)
            except UnreadableError:
                continue
            yield Path(source.path), content.data.decode("latin-1")


def by_hipify(script: Path, paths: list[Path], warnings: bool) -> tuple[dict[str, set[str]], Counter[str], float]:
    """Names that hipify-perl replaces by each new name, its count of each new name, and its processor seconds."""
    names: dict[str, set[str]] = {}
    counts: Counter[str] = Counter()
    start = os.times()
    for first in range(0, len(paths), FILES_A_RUN):
        files = [str(path) for path in paths[first : first + FILES_A_RUN]]
        quiet = [] if warnings else ["-quiet-warnings"]
        ran = subprocess.run(["perl", str(script), "-examine", *quiet, *files], capture_output=True, check=True)
        said = ran.stderr.decode("latin-1")
        # With more than one file the statistics of all come last; each line has the count of the new name
        of_the_run = {}
        for name, new, count in REPLACED.findall(said, max(0, said.rfind("[HIPIFY] info: file"))):
            names.setdefault(new, set()).add(name)
            of_the_run[new] = int(count)
        counts.update(of_the_run)
    end = os.times()
    return names, counts, end.children_user + end.children_system - start.children_user - start.children_system


def by_us(files: list[tuple[Path, str]], names: set[str]) -> Counted:
    """Our counts of the names, and of every other place where one stands, with why we do not count it."""
    counted = Counted()
    for _, text in files:
        start = time.process_time()
        findings = examine_cpp(text, "cuda", embedded=True)
        counted.seconds += time.process_time() - start
        for point in findings.touchpoints:
            name = point.name.strip("<>")
            if name in names:
                counted.ours[name] += len(point.lines)
        _not_ours(text, names, counted)
    return counted


def _not_ours(text: str, names: set[str], counted: Counted) -> None:
    source = SourceText(text)
    members = structure(source, names=True).members
    inside = {place: reason for start, end, reason in literals(source.text) for place in range(start, end)}
    for found in re.finditer(r"[A-Za-z_]\w*(?:[\w/.-]*\.\w+\b)?", source.text, re.ASCII):
        for name, place in _spellings(found, names):
            reason = inside.get(place, "")
            if "." in name:
                included = INCLUDE.fullmatch(source.text, source.text.rfind("\n", 0, place) + 1, place)
                reason = reason if reason in ("comment", "raw string") else "" if included else "end of another path"
            elif not reason and source.code[place] == " ":
                reason = "header path"
            elif not reason and (place in members or written_as_another(source.code, place)):
                reason = "member or other namespace"
            if reason:
                counted.add(reason, name)
    for name in names:
        if "." in name:
            pattern = NOT_BEFORE_A_HEADER + name.replace(".", "[^.\\n]") + r"\b"
            counted.add("other word that the dot of a header's pattern matches", name, len(re.findall(pattern, text)))
    for name, count in Counter(re.findall(r"[A-Za-z_]\w*", source.text, re.ASCII)).items():
        if name in names and source.text is not text:
            cut = count - len(re.findall(rf"\b{name}\b", text, re.ASCII))
            if cut:
                counted.add("cut by a line end", name, -cut)


def _spellings(found: re.Match[str], names: set[str]) -> Iterator[tuple[str, int]]:
    """A name of hipify's at this place: the whole path of a header, or the words of it."""
    text = found.group()
    parts = [0, *(slash.end() for slash in re.finditer("/", text))]
    header = next((part for part in parts if text[part:] in names), None)
    if header is not None:
        yield text[header:], found.start() + header
    for word in re.finditer(r"[A-Za-z_]\w*", text if header is None else text[:header], re.ASCII):
        if word.group() in names:
            yield word.group(), found.start() + word.start()


def compare(script: Path, tree: Path, warnings: bool) -> None:
    files = list(sources(tree))
    if not files:
        raise SystemExit(f"{tree}: no C++ or CUDA source there")
    size = sum(len(text) for _, text in files) / 1e6
    names, counts, hipify_seconds = by_hipify(script, [path for path, _ in files], warnings)
    ours = {new: {name for name in group if verdict(name) or name in apis()} for new, group in names.items()}
    counted = by_us(files, set().union(*ours.values()))
    equal: list[tuple[list[str], int, int]] = []
    differing: list[tuple[list[str], int, int]] = []
    missing: Counter[str] = Counter()
    for new, group in sorted(ours.items()):
        if group != names[new]:
            missing[", ".join(sorted(names[new]))] = counts[new]
            continue
        expected = sum(counted.hipify(name) for name in group)
        (equal if counts[new] == expected else differing).append((sorted(group), counts[new], expected))
    print(f"{tree}: {len(files):,} files, {size:.2f} MB")
    total = sum(theirs for _, theirs, _ in (*equal, *differing))
    print(
        f"  of {len(equal) + len(differing):,} names that our map has: hipify {total:,}, ours {counted.ours.total():,}"
    )
    for reason, places in sorted(counted.reasons.items()):
        if places.total():
            print(f"  {places.total():+,} {reason}")
    print(f"  equal with these: {len(equal):,} of {len(equal) + len(differing):,} names")
    for spelled, theirs, expected in differing[:SHOWN]:
        print(f"    {', '.join(spelled)}: hipify {theirs:,}, explained {expected:,}")
    print(f"  not in our map: {len(missing):,} names, {missing.total():,} places: {missing.most_common(8)}")
    print(
        f"  processor seconds: hipify {hipify_seconds:.1f} ({size / hipify_seconds:.3f} MB/s), "
        f"ours {counted.seconds:.2f} ({size / counted.seconds:.1f} MB/s, second pass on every file)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hipify", type=Path)
    parser.add_argument("--warnings", action="store_true")
    parser.add_argument("trees", nargs="*", type=Path, default=[LABELLED])
    options = parser.parse_args()
    if options.hipify is None:
        print("skipped: no --hipify PATH")
        return
    script = options.hipify / "bin" / "hipify-perl" if options.hipify.is_dir() else options.hipify
    if not script.is_file():
        raise SystemExit(f"{script}: no hipify-perl there")
    for tree in options.trees:
        compare(script, tree, options.warnings)


if __name__ == "__main__":
    main()
