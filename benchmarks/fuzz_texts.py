"""Texts as people could write them, by parser, and what parsers trip over: what `fuzz.py` starts from."""

from __future__ import annotations

TOKENS = (
    "", " ", "\n", "\t", "\0", "\ufeff", "\u202e", "\U0001f4a9", "é", "½", "١", "-", "--", "..", "...", ",", ":", ";",
    "#", "&a", "*a", "<<: *a", "!!python/object:os.system", "!!float", "---", "- ", "? ", "|", ">", "%", "[", "]", "{",
    "}", '"', "'", "\\", "$", "`", "nan", ".nan", "inf", ".inf", "-.inf", "null", "~", "true", "no", "0", "-0", "1e999",
    "1e-999", "9" * 400, "0x10", "0o7", "1_000", "1:30", "2025-13-45", "2025-02-30", "9999-12-31", "0000-01-01",
    "USD", "USD/hour", "**2", "^0.5", "/0", "degC", "dB", "1 USD", "(((((", "GPU", "fraction", "text", "date", "K",
    "value", "low", "mid", "high", "unit", "valid", "known", "source", "trust", "kind", "entities", "facts", "[[x]]",
)  # fmt: skip

# Of program text and of arithmetic: what a recovery from errors, a search for an end or a power takes long over
MARKS = (
    "*", "*;", "(", ")", "<", ">", "&", "!", "?", "@", "+", "/", "=", "::", "->", "<<<", ">>>", "/*", "*/", "//", 'R"(',
    "a", "a ", "f(", "x)", "int ", "if", "else ", "for(", "new ", "class a{", "template<", "typename ", "operator",
    "__global__ ", "asm(", "#if ", "#endif\n", "#define X(", "\\\n", "9**", "**9", "^9", "*m", "/m", "Ym", "(m", "10",
    "1:", "1,", "1..", "?\n", "- - ", "[],", "é", "\ud800",
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
    "3 m**2",
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
    "USD*Ym**2/m**2/hour",
    "(m/s)^2 kg",
    "USD·hour⁻²",
    "1/year",
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
    "/api/facts?q=h800&as_of=2025-02-20",
    "/api/quantities?q=cost",
    "/api/quantities/rental_cost",
    "/api/studies/no-such-study",
    "/api/sweep/market_cost?model=deepseek-v3&over.market_rental_price=1:4:3&over.model=gpt-4&samples=64&format=csv",
    "/api/check?model=deepseek-v3&chip=h800&count=2048&tokens=14.8T&gpu_hours=2.664M&cost=5.576M&samples=64",
    "/explore?quantity=rental_cost&model=deepseek-v3&vary1=rental_price&values1=1:4:3&samples=64&lang=zh-Hant",
    "/search?q=h800+rental&as_of=2025-02-20&lang=zh-Hans",
    "/write?headline=A+model&model=deepseek-v3&chip=h800&cost=6M",
]
FORMS = [
    "headline=A+model+for+%246M&model=deepseek-v3&chip=h800&cost=6M&gpu_hours=2.664M&claim1.text=It+cost+%246M"
    "&claim1.kind=estimate&claim1.stated=%246M&claim1.value=6M&claim1.unit=USD&claim1.comparator=about"
    "&claim1.quantity=rental_cost",
]
AXES = ["model=deepseek-v3,gpt-4", "rental_price=1:4:100 USD/hour", "utilisation=50%,90%", "x=1M:2M:3"]

RUNS = "\n".join(
    ["id,accelerator,n_accel,model_name,precision,layers,hidden,seq_len,global_batch_seqs,TP,PP,tokens_per_s_per_accel"]
    + [f"r{k},H100,1024,GPT-3 175B,bf16,96,12288,2048,1536,8,{k},300.5" for k in range(1, 4)]
)
