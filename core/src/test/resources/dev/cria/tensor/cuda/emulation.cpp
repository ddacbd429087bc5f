// Runs CUDA kernels on a processor: the threads of a block are fibers that take turns at each barrier. Stands in for
// device.cu in front of the kernels' sources; run(...) at the end of the generated file starts one of them.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <immintrin.h>
#include <ucontext.h>
#include <utility>
#include <vector>

#define KERNEL static
#define __device__
#define __shared__ static
#define SHARED(E, name) E *name = reinterpret_cast<E *>(emulation::shared.data())
#define MINUS_INFINITY (-INFINITY)

namespace emulation {
struct Index {
    unsigned x;
};

struct Fiber {
    ucontext_t context;
    std::vector<char> stack = std::vector<char>(64 << 10);
    bool done = false;
};

static ucontext_t scheduler;
static std::vector<Fiber> fibers;
static unsigned current;
static int block_arrived, block_generation;
static int warp_arrived[32], warp_generation[32];
static double exchange[1024];
static std::vector<double> shared;
static std::function<void()> body;
static unsigned order; // in which the threads of a block get their turns: 0 up, 1 down

static void yield() { swapcontext(&fibers[current].context, &scheduler); }

static void await(int &arrived, int &generation, int members) {
    int mine = generation;
    if (++arrived == members) {
        arrived = 0;
        generation++;
    } else {
        while (generation == mine) {
            yield();
        }
    }
}

static void start() {
    body();
    fibers[current].done = true;
    swapcontext(&fibers[current].context, &scheduler);
}
} // namespace emulation

static emulation::Index blockIdx, threadIdx, blockDim, gridDim;

static void __syncthreads() {
    emulation::await(emulation::block_arrived, emulation::block_generation, blockDim.x);
}

template <class N> static N __shfl_xor_sync(unsigned, N x, int mask) {
    unsigned me = emulation::current;
    emulation::exchange[me] = x;
    emulation::await(emulation::warp_arrived[me / 32], emulation::warp_generation[me / 32], 32);
    N other = (N)emulation::exchange[me ^ mask];
    emulation::await(emulation::warp_arrived[me / 32], emulation::warp_generation[me / 32], 32);
    return other;
}

static float __uint_as_float(unsigned bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

static unsigned __float_as_uint(float x) {
    unsigned bits;
    memcpy(&bits, &x, 4);
    return bits;
}

static inline float fast_exp(float x) { return expf(x); }
#define __expf fast_exp

static float half_to_float(unsigned short bits) { return _cvtsh_ss(bits); }
static unsigned short float_to_half(float x) { return _cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT); }

namespace emulation {
// All turns of one block; false if threads wait for others that are gone.
static bool turns(unsigned threads) {
    unsigned left = threads;
    while (left > 0) {
        int before = block_generation;
        for (int w = 0; w < 32; w++) {
            before += warp_generation[w];
        }
        unsigned was = left;
        for (unsigned turn = 0; turn < threads; turn++) {
            current = order == 0 ? turn : threads - 1 - turn;
            if (fibers[current].done) {
                continue;
            }
            threadIdx.x = current;
            swapcontext(&scheduler, &fibers[current].context);
            left -= fibers[current].done;
        }
        int after = block_generation;
        for (int w = 0; w < 32; w++) {
            after += warp_generation[w];
        }
        if (after == before && left == was) {
            return false;
        }
    }
    return block_arrived == 0;
}

template <class... A, size_t... I>
static int launch(void (*kernel)(A...), std::index_sequence<I...>, long long blocks, int threads, int shared_bytes,
                  void **arguments) {
    gridDim.x = (unsigned)blocks;
    blockDim.x = threads;
    fibers = std::vector<Fiber>(threads);
    body = [=] { kernel(*reinterpret_cast<A *>(arguments[I])...); };
    for (long long block = 0; block < blocks; block++) {
        blockIdx.x = (unsigned)block;
        shared.assign(shared_bytes / 8 + 1, NAN);
        block_arrived = block_generation = 0;
        memset(warp_arrived, 0, sizeof warp_arrived);
        memset(warp_generation, 0, sizeof warp_generation);
        for (int t = 0; t < threads; t++) {
            fibers[t].done = false;
            getcontext(&fibers[t].context);
            fibers[t].context.uc_stack.ss_sp = fibers[t].stack.data();
            fibers[t].context.uc_stack.ss_size = fibers[t].stack.size();
            fibers[t].context.uc_link = &scheduler;
            makecontext(&fibers[t].context, start, 0);
        }
        if (!turns(threads)) {
            return 1;
        }
    }
    return 0;
}

// The number of its parameters comes back as well, so that the caller can see that it passed as many.
template <class... A>
static int run(void (*kernel)(A...), long long given, long long blocks, int threads, int shared_bytes, void **arguments) {
    if (given != (long long)sizeof...(A)) {
        return 2;
    }
    return launch(kernel, std::index_sequence_for<A...>{}, blocks, threads, shared_bytes, arguments);
}
} // namespace emulation
