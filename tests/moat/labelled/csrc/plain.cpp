// Host code that has nothing to do with CUDA, however much it reads like it.
#include <cmath>
#include <string>
#include "cube/cursor.h"
int max(int a, int b); float norm(float x); double saturate(double y);
inline void pause() { asm volatile("pause" ::: "memory"); __asm__("cpuid" : "=a"(a) : "a"(1)); }
std::string help = "set CUDA_VISIBLE_DEVICES, or call cudaSetDevice(0)";
/* cudaMalloc
 * __global__ void commented(); k<<<1, 1>>>();
 */
auto focus = current->cursor, curious = accurate.cuboid; int CUSTOM = 1, CUTOFF = 2;
template <template <typename> class A, typename B> struct X : A<A<A<B>>> {};
int shifted = (1 << 2) << 3; double texture = exp2f(3.0f) + tanhf(1.0f);
const char* raw = R"(cublasCreate() "quoted" )"; const char* odd = "unfinished \
cudaFree(p) still in the string";
