"""Trains a model; torch.cuda.synchronize() and .cuda() are only mentioned here."""
import os
import torch
import torch.cuda as accelerator  #= torch.cuda
import torch.nn as nn, cupy as cp  #= cupy
import flash_attn  #= flash_attn
import numpy as np
import triton  #= triton
import triton.language as tl  #= triton.language
from torch.cuda import amp  #= torch.cuda.amp
from torch.cuda.amp import GradScaler, autocast as mixed  #= torch.cuda.amp.GradScaler torch.cuda.amp.autocast
from torch.utils.cpp_extension import CUDAExtension, load_inline  #= torch.utils.cpp_extension.CUDAExtension torch.utils.cpp_extension.load_inline
from apex.optimizers import FusedAdam  #= apex.optimizers.FusedAdam
from . import cuda_helpers
import cudf  #= cudf
import pynvml  #= pynvml

# torch.cuda.empty_cache() in a comment
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")  #= "cuda" torch.cuda.is_available
second = torch.device("cuda:1")  #= "cuda"
os.environ["CUDA_VISIBLE_DEVICES"] = "0"  #= CUDA_VISIBLE_DEVICES
message = "please install cuda first"
colour = "barracuda"
torch.distributed.init_process_group(backend="nccl")  #= "nccl"
torch.backends.cudnn.benchmark = True  #= torch.backends.cudnn.benchmark


class Model(nn.Module):
    """A model with .cuda() in its docstring."""

    def forward(self, x):
        if x.is_cuda:  #= .is_cuda
            x = x.cuda(non_blocking=True).half().cuda()  #= .cuda() .cuda()
        with torch.cuda.stream(torch.cuda.Stream()), mixed():  #= torch.cuda.stream torch.cuda.Stream torch.cuda.amp.autocast
            y = accelerator.current_stream()  #= torch.cuda.current_stream
        torch.cuda.synchronize(); accelerator.empty_cache()  #= torch.cuda.synchronize torch.cuda.empty_cache
        self.cuda_ready = True
        scaler = GradScaler()  #= torch.cuda.amp.GradScaler
        torch.cuda.some_new_thing(x)  #= torch.cuda.some_new_thing
        return self.torch.cuda, x


loader = torch.utils.data.DataLoader(data, pin_memory=True)  #= pin_memory
model = Model().cuda()  #= .cuda()


@triton.jit  #= triton.jit
def kernel(pointer, BLOCK: tl.constexpr):  #= triton.language
    offset = tl.program_id(0)  #= triton.language


square = cp.RawKernel(r"""
extern "C" __global__ void square(float* x) {  //= __global__
    x[threadIdx.x] *= x[threadIdx.x]; __syncthreads();  //= __syncthreads
}
""", "square")  #=^4 cupy.RawKernel
array = cp.zeros(4); cp.cuda.Stream.null.synchronize()  #= cupy cupy.cuda.Stream
print(f"on cuda:{device.index}", cudf)  #= cudf
name = f"cuda:{rank}"  #= "cuda"
