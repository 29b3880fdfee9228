# A file that Python 3 does not parse: read from its tokens.
import torch
import cupy as cp  #= cupy
from torch.cuda import amp  #= torch.cuda.amp
print "torch.cuda.synchronize()"
torch.cuda.synchronize()  #= torch.cuda.synchronize
if torch.cuda.is_available(): x = y.cuda()  #= torch.cuda.is_available .cuda()
z = cp.zeros(3)  #= cupy
