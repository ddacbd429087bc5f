// Functions of single elements. A block takes a row, so that rows may lie apart.

// y = silu(gate) · up
KERNEL void swiglu(const T *gate, i64 gate_stride, const T *up, i64 up_stride, i64 width, T *y, i64 y_stride) {
    i64 row = blockIdx.x;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> gates = load(gate + row * gate_stride + c);
        Pack<T> ups = load(up + row * up_stride + c);
        Pack<T> ys;
        for (int i = 0; i < V; i++) {
            float g = widen(gates.at[i]);
            ys.at[i] = narrow<T>(g * sigmoid(g) * widen(ups.at[i]));
        }
        store(y + row * y_stride + c, ys);
    }
}

// dgate = dy · up · σ(gate) · (1 + gate · (1 − σ(gate))), dup = dy · silu(gate)
KERNEL void swiglu_gradient(const T *dy, i64 dy_stride, const T *gate, i64 gate_stride, const T *up, i64 up_stride,
                            i64 width, T *dgate, i64 dgate_stride, T *dup, i64 dup_stride) {
    i64 row = blockIdx.x;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> dys = load(dy + row * dy_stride + c);
        Pack<T> gates = load(gate + row * gate_stride + c);
        Pack<T> ups = load(up + row * up_stride + c);
        Pack<T> dgates;
        Pack<T> dups;
        for (int i = 0; i < V; i++) {
            float g = widen(gates.at[i]);
            float dy_value = widen(dys.at[i]);
            float sigma = sigmoid(g);
            dgates.at[i] = narrow<T>(dy_value * widen(ups.at[i]) * sigma * (1 + g * (1 - sigma)));
            dups.at[i] = narrow<T>(dy_value * g * sigma);
        }
        store(dgate + row * dgate_stride + c, dgates);
        store(dup + row * dup_stride + c, dups);
    }
}

// tanh(√(2/π)·(x + 0.044715·x³)), of which GELU and its gradient are made
__device__ inline float gelu_tanh(float x) { return tanhf(0.7978845608028654f * (x + 0.044715f * x * x * x)); }

// y = ½·x·(1 + tanh(…))
KERNEL void gelu(const T *x, i64 x_stride, i64 width, T *y, i64 y_stride) {
    i64 row = blockIdx.x;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> xs = load(x + row * x_stride + c);
        Pack<T> ys;
        for (int i = 0; i < V; i++) {
            float value = widen(xs.at[i]);
            ys.at[i] = narrow<T>(0.5f * value * (1 + gelu_tanh(value)));
        }
        store(y + row * y_stride + c, ys);
    }
}

KERNEL void gelu_gradient(const T *dy, i64 dy_stride, const T *x, i64 x_stride, i64 width, T *dx, i64 dx_stride) {
    i64 row = blockIdx.x;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> dys = load(dy + row * dy_stride + c);
        Pack<T> xs = load(x + row * x_stride + c);
        Pack<T> dxs;
        for (int i = 0; i < V; i++) {
            float value = widen(xs.at[i]);
            float t = gelu_tanh(value);
            float inner = 0.7978845608028654f * (1 + 3 * 0.044715f * value * value);
            dxs.at[i] = narrow<T>(widen(dys.at[i]) * (0.5f * (1 + t) + 0.5f * value * (1 - t * t) * inner));
        }
        store(dx + row * dx_stride + c, dxs);
    }
}

// y += x
KERNEL void add(const T *x, i64 x_stride, i64 width, T *y, i64 y_stride) {
    i64 row = blockIdx.x;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> xs = load(x + row * x_stride + c);
        Pack<T> ys = load(y + row * y_stride + c);
        for (int i = 0; i < V; i++) {
            ys.at[i] = narrow<T>(widen(ys.at[i]) + widen(xs.at[i]));
        }
        store(y + row * y_stride + c, ys);
    }
}

// y += b, the same in every row
KERNEL void add_bias(const float *b, i64 width, T *y, i64 y_stride) {
    i64 row = blockIdx.x;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<float> bs = load(b + c);
        Pack<T> ys = load(y + row * y_stride + c);
        for (int i = 0; i < V; i++) {
            ys.at[i] = narrow<T>(widen(ys.at[i]) + bs.at[i]);
        }
        store(y + row * y_stride + c, ys);
    }
}

// x ·= factor
KERNEL void scale(T *x, i64 x_stride, i64 width, float factor) {
    i64 row = blockIdx.x;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> xs = load(x + row * x_stride + c);
        for (int i = 0; i < V; i++) {
            xs.at[i] = narrow<T>(widen(xs.at[i]) * factor);
        }
        store(x + row * x_stride + c, xs);
    }
}

// Turns the halves of each head by its row's position: (a, b) → (a·cos − b·sin, b·cos + a·sin); direction −1 turns back.
// table is [positions, 2, half]: cosines, then sines; V divides half.
KERNEL void rope(T *x, i64 x_stride, i64 heads, i64 half, const float *table, const i64 *positions, float direction) {
    i64 row = blockIdx.x;
    const float *cosines = table + positions[row] * 2 * half;
    const float *sines = cosines + half;
    for (int pair = threadIdx.x * V; pair < heads * half; pair += blockDim.x * V) {
        int j = pair % (int)half;
        T *first = x + row * x_stride + (pair / (int)half) * 2 * half + j;
        Pack<T> as = load(first);
        Pack<T> bs = load(first + half);
        Pack<float> cos = load(cosines + j);
        Pack<float> sin = load(sines + j);
        for (int i = 0; i < V; i++) {
            float a = widen(as.at[i]);
            float b = widen(bs.at[i]);
            float s = direction * sin.at[i];
            as.at[i] = narrow<T>(a * cos.at[i] - b * s);
            bs.at[i] = narrow<T>(b * cos.at[i] + a * s);
        }
        store(first, as);
        store(first + half, bs);
    }
}
