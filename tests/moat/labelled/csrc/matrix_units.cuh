#pragma once
#include <mma.h>  //= <mma.h>
#include <cooperative_groups.h>  //= <cooperative_groups.h>
#include <cutlass/cutlass.h>  //= <cutlass/cutlass.h>
#include "cute/tensor.hpp"  //= <cute/tensor.hpp>
#include <cuda_bf16.h>  //= <cuda_bf16.h>

#define WARP_SIZE 32  //= warp32
constexpr int kWarpSize = 32;  //= warp32
static const int TILE = 32;

namespace cg = cooperative_groups;
using namespace cute;
using namespace nvcuda;

template <class Shape>
__device__ void products(float* out) {
    wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> a;  //= wmma::fragment wmma::matrix_a wmma::row_major
    wmma::load_matrix_sync(a, in, 16);  //= wmma::load_matrix_sync
    nvcuda::wmma::mma_sync(c, a, b, c);  //= nvcuda::wmma
    mma_sync(c, a, b, c);  //= mma_sync
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};\n"  //= ptx:mma.sync
                 : "+f"(out[0]) : "r"(x));
    asm("wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 {%0}, %1, %2, p, 1, 1, 0, 0;" : "+f"(out[0]) : "l"(d));  //= ptx:wgmma.mma_async
    asm volatile(  //= ptx:cp.async.bulk
        "{\n"
        "  .reg .pred p;\n"
        "  setp.ne.b32 p, %4, 0;\n"
        "  @p cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%5];\n"
        "}" :: "r"(address), "l"(map), "r"(i), "r"(j), "r"(go), "r"(bar));
    asm volatile("tcgen05.mma.cta_group::1.kind::f16 [%0], %1, %2, %3, p;" :: "r"(tmem));  //= ptx:tcgen05.mma
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0}, [%1];" : "=r"(x) : "r"(address));  //= ptx:ldmatrix.sync
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0}, [%1];" : "=r"(x) : "l"(in));  //= ptx:ld.global
    asm volatile("mov.u32 %0, %%laneid;" : "=r"(x));  //= ptx:mov.u32
    asm volatile("" ::: "memory");
    asm volatile("bar.sync 0;");  //= ptx:bar.sync
    asm("trap;");  //= ptx:trap
    __asm__ volatile("prefetch.global.L2 [%0];" :: "l"(in));  //= ptx:prefetch.global
}

__global__ void __cluster_dims__(2, 1, 1) tile(const __grid_constant__ CUtensorMap map) {  //= __global__ cluster CUtensorMap
    cg::thread_block block = cg::this_thread_block(); cg::sync(block);  //= cg::thread_block cg::this_thread_block cg::sync
    auto warp = cooperative_groups::tiled_partition<32>(block);  //= cooperative_groups::tiled_partition
    auto layout = make_layout(make_shape(Int<128>{}, Int<64>{}));  //= cute::make_layout cute::make_shape
    auto tensor = cute::make_tensor(pointer, layout); Tensor mine = local_tile(tensor, tiler, coordinate);  //= cute::make_tensor cute::local_tile
    using Operator = SM80_16x8x16_F32F16F16F32_TN; MMA_Atom<Operator> atom;  //= SM80_16x8x16_F32F16F16F32_TN MMA_Atom
    cutlass::half_t value = cutlass::half_t(0.0f); cutlass::arch::fence_view_async_shared();  //= cutlass::half_t cutlass::half_t cutlass::arch
    cuda::barrier<cuda::thread_scope_block> barrier; cuda::std::atomic<int> counter;  //= cuda::barrier cuda::thread_scope_block cuda::std
    unsigned lane = threadIdx.x % 32, warp_id = threadIdx.x / 32;  //= lanes lanes
    unsigned ballot = __ballot_sync(0xFFFFFFFFu, lane > 3); int leader = __ffs(ballot);  //= __ballot_sync mask32 __ffs
    float most = __reduce_max_sync(0xffffffff, lane); __syncwarp();  //= __reduce_max_sync mask32 __syncwarp
    __nv_bfloat16 small = __float2bfloat16(1.0f); __nv_bfloat162 pair;  //= __nv_bfloat16 __float2bfloat16 __nv_bfloat162
#if __CUDA_ARCH__ >= 900  //= arch
    __pipeline_memcpy_async(shared, in, 16); int4 quad = __ldg(in4); __stcs(out, 1.0f);  //= __pipeline_memcpy_async __ldg __stcs
#elif defined(__CUDA_ARCH__) && (__CUDA_ARCH__ < 800)  //= arch arch
    int dot = __dp4a(x, y, 0); int lanes = __vcmpne4(x, y); int count = __popc(x);  //= __dp4a __vcmpne4 __popc
#endif
    shape.make_layout(1); mine::make_tensor(2); int colour = 0xffffffff;
}

inline void encode() {
    cuTensorMapEncodeTiled(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT16, 2, base, sizes, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE);  //= cuTensorMapEncodeTiled CU_TENSOR_MAP_DATA_TYPE_FLOAT16 CU_TENSOR_MAP_INTERLEAVE_NONE
}
