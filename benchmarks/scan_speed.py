"""How fast the scanner is: a tree of two million lines, made here, scanned cold and warm; the first pass on its own.

    python benchmarks/scan_speed.py [--lines 2000000] [--workers 2]

The tree is a mixture as of a large framework: of ten lines, five are C++ without CUDA, three Python (a third of it on
torch.cuda), two CUDA. Every file differs. Measured: wall time and MB/s cold and warm, processor time of the first pass
(reading, looking for markers, counting lines) a core, and the largest memory of parent and workers.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from pathlib import Path

CPP = """
// {name}: keeps what was counted, in order of arrival
namespace part_{n} {{
template <typename Key, typename Value>
class Ledger{n} {{
 public:
  explicit Ledger{n}(std::size_t capacity) : entries_(capacity), used_(0) {{}}
  bool insert(const Key& key, Value value) {{
    if (used_ == entries_.size()) {{ return false; }}  // full: the caller decides
    entries_[used_++] = {{key, std::move(value)}};
    return true;
  }}
  const Value* find(const Key& key) const {{
    for (std::size_t place = 0; place < used_; ++place) {{
      if (entries_[place].first == key) return &entries_[place].second;
    }}
    throw std::out_of_range("no such entry in ledger {n}: \\"" + describe(key) + "\\"");
  }}
 private:
  std::vector<std::pair<Key, Value>> entries_;
  std::size_t used_;
}};
}}  // namespace part_{n}
"""
CUDA = """
// kernel {n}: adds bias and activates, one element a thread
template <typename T>
__global__ void activate_{n}(const T* __restrict__ in, const T* __restrict__ bias, T* out, int rows, int columns) {{
  const int place = blockIdx.x * blockDim.x + threadIdx.x;
  if (place >= rows * columns) return;
  float value = static_cast<float>(in[place]) + static_cast<float>(bias[place % columns]);
  out[place] = static_cast<T>(value > 0.f ? value : {n}e-6f * expf(value));
}}
void run_activate_{n}(const float* in, const float* bias, float* out, int rows, int columns, cudaStream_t stream) {{
  float* scratch_{n} = nullptr;
  CHECK(cudaMallocAsync(&scratch_{n}, rows * sizeof(float), stream));
  const int blocks = (rows * columns + 255) / 256;
  activate_{n}<float><<<blocks, 256, 0, stream>>>(in, bias, out, rows, columns);
  CHECK(cudaGetLastError());
  CHECK(cudaMemcpyAsync(scratch_{n}, out, rows * sizeof(float), cudaMemcpyDeviceToDevice, stream));
  CHECK(cudaFreeAsync(scratch_{n}, stream));
}}
"""
PYTHON = '''
class Layer{n}(Base):
    """Layer {n} of the model, with its cache."""

    def __init__(self, width, depth={n}, dropout=0.1):
        super().__init__()
        self.width = width
        self.names = ["weight_%d" % place for place in range(depth)]
        self.cache = {{}}

    def forward(self, x, mask=None):
        # the cache is keyed by shape
        key = tuple(x.shape)
        if key not in self.cache:
            self.cache[key] = self.prepare(x, mask)
        return self.apply(x, self.cache[key]) + {n}
'''
PYTHON_CUDA = """
    def prepare_{n}(self, x, mask):
        torch.cuda.synchronize()
        return x.to("cuda") if torch.cuda.is_available() else x
"""


def make_tree(root: Path, lines: int) -> float:
    """Writes the tree; returns its size in MB."""
    chance, written, number, size = random.Random(7), 0, 0, 0
    while written < lines:
        draw = chance.random()
        count = chance.randint(4, 40)
        if draw < 0.5:
            ending, parts = ".cpp", ["#include <vector>\n#include <string>\n"]
            parts += [CPP.format(n=number * 100 + k, name=f"ledger {k}") for k in range(count)]
        elif draw < 0.7:
            ending, parts = ".cu", ['#include <cuda_runtime.h>\n#include "check.h"\n']
            parts += [CUDA.format(n=number * 100 + k) for k in range(count)]
        else:
            ending, parts = ".py", ["import os\nimport torch\nimport numpy as np\n"]
            on_cuda = chance.random() < 0.33
            for k in range(count):
                parts.append(PYTHON.format(n=number * 100 + k))
                if on_cuda:
                    parts.append(PYTHON_CUDA.format(n=number * 100 + k))
        text = "".join(parts)
        place = root / f"component_{number % 97}" / f"unit_{number % 13}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"file_{number}{ending}").write_text(text)
        written += text.count("\n")
        size += len(text)
        number += 1
    print(f"tree: {number:,} files, {written:,} lines, {size / 1e6:.1f} MB")
    return size / 1e6


def first_pass(root: Path) -> None:
    """Processor time of the pass that every file goes through."""
    from waterline.moat.examine import mentions_cuda, read_content
    from waterline.moat.tree import Skipped, source_files

    start, size, hits = time.process_time(), 0, 0
    for source in source_files(root, Skipped()):
        content = read_content(source.path, source.language)
        size += len(content.data)
        hits += mentions_cuda(content, source.language)
        content.data.count(b"\n")
    seconds = time.process_time() - start
    print(f"first pass: {size / 1e6 / seconds:.0f} MB/s of processor time, {hits:,} files go on to the second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.environ["WATERLINE_CACHE"] = f"{directory}/cache"
        root = Path(directory) / "tree"
        make_tree(root, options.lines)
        from waterline.moat.scan import scan

        first_pass(root)
        for name in ("cold", "warm"):
            found = scan(root, workers=options.workers)
            print(
                f"{name}: {found.seconds:.1f} s, {found.megabytes_per_second:.0f} MB/s on {options.workers} processes, "
                f"{found.remembered:,} remembered, {len(found.files):,} files with findings"
            )
        for name, who in (("parent", resource.RUSAGE_SELF), ("largest worker", resource.RUSAGE_CHILDREN)):
            print(f"memory of {name}: {resource.getrusage(who).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
