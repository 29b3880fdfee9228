#pragma once
#if defined(USE_ROCM) || defined(__HIP_PLATFORM_AMD__)
#include <hip/hip_runtime.h>
#define cudaMallocHost hipHostMalloc  //= cudaMallocHost
#define cudaMemPrefetchAsync(...) hipMemPrefetchAsync(__VA_ARGS__)  //= cudaMemPrefetchAsync
#else
#include <cuda_fp16.h>  //= <cuda_fp16.h>
#endif
#ifdef __CUDACC__  //= __CUDACC__
#define CUDA_CHECK(call) check((call), __FILE__, __LINE__)
#define LAUNCH(kernel, grid, block, ...) kernel<<<grid, block>>>(__VA_ARGS__)  //= launch
#endif
enum class cudaKind { cudaOne, cudaTwo };
static inline void cudaReportOwn(const char* what) { print(what); }
namespace raft { void cudaOwnHelper(int); }

namespace outer { namespace inner {
template <typename T, cudaMemcpyKind Kind = cudaMemcpyDeviceToDevice>  //= cudaMemcpyKind cudaMemcpyDeviceToDevice
struct Copy {
    explicit Copy(cudaStream_t s = cudaStreamPerThread) : stream(s) {}  //= cudaStream_t cudaStreamPerThread
    cudaError_t operator()(T* to, const T* from, size_t n) const {  //= cudaError_t
        return cudaMemcpyAsync(to, from, n * sizeof(T), Kind, stream);  //= cudaMemcpyAsync
    }
    cudaStream_t stream{nullptr};  //= cudaStream_t
};
}}  // namespace outer::inner

__device__ __forceinline__ float reduce(float value) {
#pragma unroll
    for (int mask = 16; mask; mask >>= 1) value += __shfl_xor_sync(FULL_MASK, value, mask);  //= __shfl_xor_sync mask32
    return value;
}
__device__ half2 both(half2 a, half2 b) { return __hadd2(__hmul2(a, b), h2exp(a)); }  //= __hadd2 __hmul2 h2exp
__device__ int bits(unsigned x) { return __popc(x) + __clz(x) + __brev(x) + __byte_perm(x, x, 0x3210); }  //= __popc __clz __brev __byte_perm

void graphs(cudaGraph_t graph, cudaGraphExec_t exec) {  //= cudaGraph_t cudaGraphExec_t
    CUDA_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));  //= cudaStreamBeginCapture cudaStreamCaptureModeGlobal
    LAUNCH(outer_kernel, 1, 2, data);
    CUDA_CHECK(cudaStreamEndCapture(stream, &graph)); CUDA_CHECK(cudaGraphInstantiate(&exec, graph, 0));  //= cudaStreamEndCapture cudaGraphInstantiate
    if (cudaGraphLaunch(exec, stream) /* cudaFree(p) */ != cudaSuccess) { cudaReportOwn("cudaGraphLaunch"); }  //= cudaGraphLaunch cudaSuccess
    cudaMallocManaged(&data, 4, cudaMemAttachGlobal); cudaMemAdvise(data, 4, cudaMemAdviseSetReadMostly, 0);  //= cudaMallocManaged cudaMemAttachGlobal cudaMemAdvise cudaMemAdviseSetReadMostly
    outer::kernel<float><<<grid, block, shared, stream>>>(data), other<<<1, 1>>>(data);  //= launch launch
    object.method<<<grid, block>>>(data);  //= launch
    auto [error, count] = pair{cudaPeekAtLastError(), 1}; static_assert(sizeof(cudaIpcMemHandle_t) == 64);  //= cudaPeekAtLastError cudaIpcMemHandle_t
    for (auto kind : {cudaMemcpyHostToHost, cudaMemcpyDefault}) use(kind);  //= cudaMemcpyHostToHost cudaMemcpyDefault
    table["cudaFree"] = reinterpret_cast<void*>(cudaFree); decltype(cudaMemset)* set = cudaMemset;  //= cudaFree cudaMemset cudaMemset
    return cudaOccupancyMaxActiveBlocksPerMultiprocessor(&n, outer_kernel, 128, 0), void();  //= cudaOccupancyMaxActiveBlocksPerMultiprocessor
}
