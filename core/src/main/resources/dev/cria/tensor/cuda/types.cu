// Element types, vectors of them, and sums over a block. Every other file is compiled behind this one, with
//   T  the type of activations: f32, bf16 or f16
//   D  a second type, where a kernel has one
//   V  elements that a thread reads at once: 1, or as many as fill 16 bytes where all rows are aligned to that
// All arithmetic is in float. Whole numbers that the host passes are 64 bits wide, fractions are floats. The number of
// threads in a block is a multiple of 32.

typedef long long i64;
typedef float f32;

struct bf16 {
    unsigned short bits;
};

struct f16 {
    unsigned short bits;
};

__device__ inline float widen(f32 x) { return x; }

__device__ inline float widen(bf16 x) { return __uint_as_float((unsigned)x.bits << 16); }

__device__ inline float widen(f16 x) { return half_to_float(x.bits); }

template <class To> __device__ inline To narrow(float x);

template <> __device__ inline f32 narrow<f32>(float x) { return x; }

// To the nearest, ties to even; a NaN stays one.
template <> __device__ inline bf16 narrow<bf16>(float x) {
    unsigned bits = __float_as_uint(x);
    bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
    unsigned rounded = nan ? bits | 0x400000u : bits + 0x7fffu + (bits >> 16 & 1u);
    return bf16{(unsigned short)(rounded >> 16)};
}

template <> __device__ inline f16 narrow<f16>(float x) { return f16{float_to_half(x)}; }

// V elements that lie side by side.
template <class E> struct alignas(sizeof(E) * V < 16 ? sizeof(E) * V : 16) Pack {
    E at[V];
};

template <class E> __device__ inline Pack<E> load(const E *from) { return *reinterpret_cast<const Pack<E> *>(from); }

template <class E> __device__ inline void store(E *to, const Pack<E> &pack) { *reinterpret_cast<Pack<E> *>(to) = pack; }

// exp, as exact as the type can show.
__device__ inline float exponential(float x) { return sizeof(T) == 4 ? expf(x) : __expf(x); }

__device__ inline float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

// The sum over all threads of the block, in an order that depends on their number alone; the same on each of them.
template <class N> __device__ inline N block_sum(N x) {
    __shared__ N parts[32];
    for (int distance = 16; distance > 0; distance /= 2) {
        x += __shfl_xor_sync(0xffffffffu, x, distance);
    }
    __syncthreads(); // Everybody has read what an earlier sum left.
    if (threadIdx.x % 32 == 0) {
        parts[threadIdx.x / 32] = x;
    }
    __syncthreads();
    N sum = 0;
    for (int warp = 0; warp < blockDim.x / 32; warp++) {
        sum += parts[warp];
    }
    return sum;
}

// The largest over all threads of the block; NaN is passed over.
__device__ inline float block_max(float x) {
    __shared__ float parts[32];
    for (int distance = 16; distance > 0; distance /= 2) {
        x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, distance));
    }
    __syncthreads();
    if (threadIdx.x % 32 == 0) {
        parts[threadIdx.x / 32] = x;
    }
    __syncthreads();
    float largest = parts[0];
    for (int warp = 1; warp < blockDim.x / 32; warp++) {
        largest = fmaxf(largest, parts[warp]);
    }
    return largest;
}
