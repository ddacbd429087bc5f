// What only the device's own instructions do; the other files need nothing else of the kind.

#define KERNEL extern "C" __global__

// Memory that the threads of a block share, as large as the host said.
#define SHARED(E, name) extern __shared__ E name[]

#define MINUS_INFINITY __int_as_float(0xff800000u)

__device__ inline float half_to_float(unsigned short bits) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
    return x;
}

__device__ inline unsigned short float_to_half(float x) {
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
}
