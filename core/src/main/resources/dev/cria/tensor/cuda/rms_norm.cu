// y = w · x · r with r = 1/√(mean(x²) + eps). A block takes a row.
KERNEL void rms_norm(const T *x, i64 x_stride, const float *w, float eps, i64 width, T *y, i64 y_stride, float *r) {
    i64 row = blockIdx.x;
    x += row * x_stride;
    y += row * y_stride;
    float squares = 0;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> xs = load(x + c);
        for (int i = 0; i < V; i++) {
            float value = widen(xs.at[i]);
            squares += value * value;
        }
    }
    float scale = 1.0f / sqrtf(block_sum(squares) / width + eps);
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> xs = load(x + c);
        Pack<float> ws = load(w + c);
        Pack<T> ys;
        for (int i = 0; i < V; i++) {
            ys.at[i] = narrow<T>(widen(xs.at[i]) * scale * ws.at[i]);
        }
        store(y + c, ys);
    }
    if (threadIdx.x == 0) {
        r[row] = scale;
    }
}

// With g = dy·w: dx = r · (g − x · r² · mean(g·x)). A block takes every gridDim.x-th row and leaves its share of
// Σ dy·x·r, the gradient of w, in its row of partial [gridDim.x, width].
KERNEL void rms_norm_gradient(const T *dy, i64 dy_stride, const T *x, i64 x_stride, const float *w, const float *r,
                              i64 rows, i64 width, T *dx, i64 dx_stride, i64 accumulate, float *partial) {
    SHARED(float, dw); // [width]; a thread touches its own columns only
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        for (int i = 0; i < V; i++) {
            dw[c + i] = 0;
        }
    }
    for (i64 row = blockIdx.x; row < rows; row += gridDim.x) {
        const T *dy_row = dy + row * dy_stride;
        const T *x_row = x + row * x_stride;
        T *dx_row = dx + row * dx_stride;
        float scale = r[row];
        float dot = 0;
        for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
            Pack<T> dys = load(dy_row + c);
            Pack<T> xs = load(x_row + c);
            Pack<float> ws = load(w + c);
            for (int i = 0; i < V; i++) {
                dot += widen(dys.at[i]) * ws.at[i] * widen(xs.at[i]);
            }
        }
        float correction = block_sum(dot) / width * scale * scale;
        for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
            Pack<T> dys = load(dy_row + c);
            Pack<T> xs = load(x_row + c);
            Pack<float> ws = load(w + c);
            Pack<T> dxs;
            if (accumulate) {
                dxs = load(dx_row + c);
            }
            for (int i = 0; i < V; i++) {
                float dy_value = widen(dys.at[i]);
                float x_value = widen(xs.at[i]);
                float change = scale * (dy_value * ws.at[i] - x_value * correction);
                dxs.at[i] = narrow<T>(accumulate ? widen(dxs.at[i]) + change : change);
                dw[c + i] += dy_value * x_value * scale;
            }
            store(dx_row + c, dxs);
        }
    }
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        for (int i = 0; i < V; i++) {
            partial[blockIdx.x * width + c + i] = dw[c + i];
        }
    }
}
