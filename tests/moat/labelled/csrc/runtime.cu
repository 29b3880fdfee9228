#include <cuda_runtime.h>  //= <cuda_runtime.h>
#include "cuda.h"  //= <cuda.h>
#  include <cublas_v2.h>  //= <cublas_v2.h>
#include <vector>
#include "my_cuda_runtime.h"
// #include <cufft.h>
/* #include <curand.h>
   cudaMalloc(&p, 1); */
#define CHECK(call) do { cudaError_t status = (call); if (status != cudaSuccess) fail(cudaGetErrorString(status)); } while (0)  //= cudaError_t cudaSuccess cudaGetErrorString
#define ALLOCATE(pointer, bytes) \
    cudaMalloc(reinterpret_cast<void**>(pointer), bytes)
//=^1 cudaMalloc

__constant__ float coefficients[64];  //= __constant__

__global__ void scale(float* values, float factor, int count) {  //= __global__
    int place = blockIdx.x * blockDim.x + threadIdx.x;
    if (place < count) values[place] *= factor * coefficients[place & 63];
}

template <typename T, int Width>
__global__ void __launch_bounds__(256) sum(const T* in, T* out) {  //= __global__
    extern __shared__ unsigned char bytes[];  //= __shared__ dynsmem
    __shared__ T partial[Width];  //= __shared__
    T value = in[threadIdx.x];
    for (int offset = 16; offset > 0; offset /= 2)
        value += __shfl_down_sync(0xffffffff, value, offset);  //= __shfl_down_sync mask32
    if ((threadIdx.x & 31) == 0) partial[threadIdx.x >> 5] = value;  //= lanes lanes
    __syncthreads();  //= __syncthreads
    if (threadIdx.x == 0) atomicAdd(out, partial[0]);  //= atomicAdd
    float pure = expf(1.0f) + sqrtf(2.0f) + fmaxf(0.0f, 1.0f) + max(1, 2) + min(3, 4);
}

struct Table {
    int cudaMalloc;
    void (*cudaFree)(void*);
    float cudaStream;
};

void host(float* data, int count, cudaStream_t stream) {  //= cudaStream_t
    float* device = nullptr;
    CHECK(cudaMalloc(&device, count * sizeof(float)));  //= cudaMalloc
    CHECK(cudaMemcpyAsync(device, data, count * sizeof(float), cudaMemcpyHostToDevice, stream));  //= cudaMemcpyAsync cudaMemcpyHostToDevice
    scale<<<(count + 255) / 256, 256, 0, stream>>>(device, 2.0f, count);  //= launch
    sum<float, 32><<<dim3(1), dim3(32), sizeof(float) * 32, stream>>>(device, device);  //= launch
    CHECK(cudaGetLastError()); CHECK(cudaStreamSynchronize(stream));  //= cudaGetLastError cudaStreamSynchronize
    const char* text = "cudaMalloc(&p, 1) is not a call, nor is <<<1, 2>>>";
    const char* quoted = "a \" cudaFree(p) \\";  // cudaFree in a comment
    char one = '"'; cudaFree(device); char two = '"';  //= cudaFree
    Table table; table.cudaMalloc = 1; Table* other = &table; other->cudaFree(device);
    mine::cudaMemset(device, 0, 1); ::cudaMemset(device, 0, 1);  //= cudaMemset
    int shifted = count << 3, both = 1 << 2 << 3;
    int big = 1'000'000; cudaDeviceSynchronize();  //= cudaDeviceSynchronize
    auto call = &cudaFreeAsync; call(device, stream);  //= cudaFreeAsync
    cudaEvent_t start, stop; cudaEventCreate(&start); cudaEventRecord(start); cudaEventElapsedTime(&ms, start, stop);  //= cudaEvent_t cudaEventCreate cudaEventRecord cudaEventElapsedTime
    if (cudaSetDevice(0) != cudaSuccess || cudaGetDeviceCount(&n) == cudaErrorNoDevice) return;  //= cudaSetDevice cudaSuccess cudaGetDeviceCount cudaErrorNoDevice
    cudaDeviceProp properties; cudaGetDeviceProperties(&properties, 0); use(properties.warpSize);  //= cudaDeviceProp cudaGetDeviceProperties
    cudaMal\
loc(&device, 4);
    //=^2 cudaMalloc
    // a comment that goes on \
    cudaFree(device);
    std::vector<cudaStream_t> streams; std::map<int, cudaEvent_t> events;  //= cudaStream_t cudaEvent_t
    launch([&] { scale<<<1, 1>>>(device, 1.0f, 1); });  //= launch
#if 0
    cudaHostAlloc(&device, 4, cudaHostAllocDefault);  //= cudaHostAlloc cudaHostAllocDefault
#endif
    cudaFuncSetAttribute(sum<float, 32>, cudaFuncAttributeMaxDynamicSharedMemorySize, 98304);  //= cudaFuncSetAttribute cudaFuncAttributeMaxDynamicSharedMemorySize
    cudaNotYetInvented(device); cudaGraphOfTheFuture graph;  //= cudaNotYetInvented cudaGraphOfTheFuture
    int cuda_device = 0; int cudaish = 1; bool cuda = true; int occupied = 1; float current = 0;
}
