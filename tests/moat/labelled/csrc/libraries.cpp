#include <cublasLt.h>  //= <cublasLt.h>
#include <cudnn.h>  //= <cudnn.h>
#include <nccl.h>  //= <nccl.h>
#include <cufft.h>  //= <cufft.h>
#include <curand.h>  //= <curand.h>
#include <cusparse.h>  //= <cusparse.h>
#include <thrust/sort.h>  //= <thrust/sort.h>
#include <cub/cub.cuh>  //= <cub/cub.cuh>
#include <NvInfer.h>  //= <NvInfer.h>
#include <nvml.h>  //= <nvml.h>
#include <nvrtc.h>  //= <nvrtc.h>
#include <ATen/cuda/CUDAContext.h>  //= <ATen/cuda/CUDAContext.h>
#include "third/cublas_wrapper.hpp"

namespace product {

void matrix(cublasHandle_t handle, cublasLtHandle_t light) {  //= cublasHandle_t cublasLtHandle_t
    cublasCreate(&handle); cublasSetStream(handle, stream);  //= cublasCreate cublasSetStream
    cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_T, m, n, k, &alpha, a, lda, b, ldb, &beta, c, ldc);  //= cublasSgemm CUBLAS_OP_N CUBLAS_OP_T
    cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, m, n, k, &alpha, a, CUDA_R_16F, lda, b, CUDA_R_16F, ldb, &beta, c, CUDA_R_32F, ldc, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);  //= cublasGemmEx CUBLAS_OP_N CUBLAS_OP_N CUDA_R_16F CUDA_R_16F CUDA_R_32F CUBLAS_COMPUTE_32F CUBLAS_GEMM_DEFAULT
    cublasLtMatmulDesc_t description; cublasLtMatmul(light, description);  //= cublasLtMatmulDesc_t cublasLtMatmul
    cublasStatus_t status = cublasDestroy(handle); if (status != CUBLAS_STATUS_SUCCESS) return;  //= cublasStatus_t cublasDestroy CUBLAS_STATUS_SUCCESS
    this->cublasCreate(handle); wrapper.cublasSgemm(1); Wrapper::cublasDestroy(handle);
}

void network(cudnnHandle_t handle, cudnnTensorDescriptor_t x) {  //= cudnnHandle_t cudnnTensorDescriptor_t
    cudnnCreate(&handle); cudnnConvolutionForward(handle, &one, x, px, w, pw, c, a, s, n, &zero, y, py);  //= cudnnCreate cudnnConvolutionForward
    cudnnSetTensor4dDescriptor(x, CUDNN_TENSOR_NCHW, CUDNN_DATA_HALF, 1, 2, 3, 4);  //= cudnnSetTensor4dDescriptor CUDNN_TENSOR_NCHW CUDNN_DATA_HALF
}

void talk(ncclComm_t comm) {  //= ncclComm_t
    ncclUniqueId id; ncclGetUniqueId(&id); ncclCommInitRank(&comm, ranks, id, rank);  //= ncclUniqueId ncclGetUniqueId ncclCommInitRank
    ncclGroupStart(); ncclAllReduce(in, out, n, ncclFloat, ncclSum, comm, stream); ncclGroupEnd();  //= ncclGroupStart ncclAllReduce ncclFloat ncclSum ncclGroupEnd
    if (ncclCommDestroy(comm) != ncclSuccess) log("ncclAllReduce failed");  //= ncclCommDestroy ncclSuccess
}

void signals() {
    cufftHandle plan; cufftPlan1d(&plan, n, CUFFT_C2C, 1); cufftExecC2C(plan, in, out, CUFFT_FORWARD);  //= cufftHandle cufftPlan1d CUFFT_C2C cufftExecC2C CUFFT_FORWARD
    curandGenerator_t generator; curandCreateGenerator(&generator, CURAND_RNG_PSEUDO_DEFAULT);  //= curandGenerator_t curandCreateGenerator CURAND_RNG_PSEUDO_DEFAULT
    curandGenerateUniform(generator, data, n);  //= curandGenerateUniform
    cusparseHandle_t sparse; cusparseCreate(&sparse); cusparseSpMV(sparse, op, &a, m, x, &b, y, t, alg, buffer);  //= cusparseHandle_t cusparseCreate cusparseSpMV
    cusolverDnHandle_t solver; cusolverDnCreate(&solver);  //= cusolverDnHandle_t cusolverDnCreate
    thrust::device_vector<int> keys(n); thrust::sort(keys.begin(), keys.end());  //= thrust::device_vector thrust::sort
    thrust :: reduce(keys.begin(), keys.end());  //= thrust::reduce
    cub::DeviceReduce::Sum(buffer, bytes, in, out, n); typedef cub::BlockReduce<int, 128> Block;  //= cub::DeviceReduce cub::BlockReduce
    using Sorter = ::cub::DeviceRadixSort;  //= cub::DeviceRadixSort
    nvinfer1::IBuilder* builder = nvinfer1::createInferBuilder(logger);  //= nvinfer1::IBuilder nvinfer1::createInferBuilder
    nvmlInit(); nvmlDevice_t device; nvmlDeviceGetHandleByIndex(0, &device);  //= nvmlInit nvmlDevice_t nvmlDeviceGetHandleByIndex
    at::cuda::getCurrentCUDAStream(); c10::cuda::CUDAGuard guard(device);  //= at::cuda::getCurrentCUDAStream c10::cuda::CUDAGuard
    opencv::cuda::GpuMat image; mine::thrust::sort(keys); algorithm.thrust::sort(keys);
    nvtxRangePushA("step"); nvtxRangePop();  //= nvtxRangePushA nvtxRangePop
}

void driver() {
    CUdevice device; CUcontext context; CUmodule module; CUfunction function; CUdeviceptr pointer;  //= CUdevice CUcontext CUmodule CUfunction CUdeviceptr
    cuInit(0); cuDeviceGet(&device, 0); cuCtxCreate(&context, 0, device);  //= cuInit cuDeviceGet cuCtxCreate
    cuModuleLoadData(&module, image); cuModuleGetFunction(&function, module, "cuMemAlloc");  //= cuModuleLoadData cuModuleGetFunction
    CUresult result = cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, arguments, nullptr);  //= CUresult cuLaunchKernel
    if (result != CUDA_SUCCESS && result != CUDA_ERROR_OUT_OF_MEMORY) throw 1;  //= CUDA_SUCCESS CUDA_ERROR_OUT_OF_MEMORY
    nvrtcProgram program; nvrtcCreateProgram(&program, source, "k", 0, nullptr, nullptr); nvrtcCompileProgram(program, 0, nullptr);  //= nvrtcProgram nvrtcCreateProgram nvrtcCompileProgram
    int cursor = custom(cut, cube, culprit, CURRENT, CUSTOM_FLAG, curve);
}

const char* source = R"cu(
#include <cuda_fp16.h>  //= <cuda_fp16.h>
// cudaMalloc is only a comment in here
extern "C" __global__ void kernel(__half* data) {  //= __global__ __half
    data[0] = __float2half(1.0f); __syncthreads();  //= __float2half __syncthreads
    asm volatile("membar.gl;" ::: "memory");  //= ptx:membar.gl
}
)cu";

const char* prose = R"(
    call cudaMalloc() and ncclAllReduce() as you like; this is help text
)";

}  // namespace product
