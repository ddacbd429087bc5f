// y = w · (x − mean) · r + b with r = 1/√(var(x) + eps). A block takes a row.
KERNEL void layer_norm(const T *x, i64 x_stride, const float *w, const float *b, float eps, i64 width, T *y,
                       i64 y_stride, float *mean, float *r) {
    i64 row = blockIdx.x;
    x += row * x_stride;
    y += row * y_stride;
    float sum = 0;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> xs = load(x + c);
        for (int i = 0; i < V; i++) {
            sum += widen(xs.at[i]);
        }
    }
    float centre = block_sum(sum) / width;
    float squares = 0;
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> xs = load(x + c);
        for (int i = 0; i < V; i++) {
            float value = widen(xs.at[i]) - centre;
            squares += value * value;
        }
    }
    float scale = 1.0f / sqrtf(block_sum(squares) / width + eps);
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        Pack<T> xs = load(x + c);
        Pack<float> ws = load(w + c);
        Pack<float> bs = load(b + c);
        Pack<T> ys;
        for (int i = 0; i < V; i++) {
            ys.at[i] = narrow<T>((widen(xs.at[i]) - centre) * scale * ws.at[i] + bs.at[i]);
        }
        store(y + c, ys);
    }
    if (threadIdx.x == 0) {
        mean[row] = centre;
        r[row] = scale;
    }
}

// With x̂ = (x − mean)·r and g = dy·w: dx = r · (g − x̂ · mean(g·x̂) − mean(g)). A block takes every gridDim.x-th row
// and leaves its shares of Σ dy·x̂ and Σ dy, the gradients of w and b, in its row of partial [gridDim.x, 2·width].
KERNEL void layer_norm_gradient(const T *dy, i64 dy_stride, const T *x, i64 x_stride, const float *w,
                                const float *mean, const float *r, i64 rows, i64 width, T *dx, i64 dx_stride,
                                i64 accumulate, float *partial) {
    SHARED(float, sums); // [2·width]: of w, then of b; a thread touches its own columns only
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        for (int i = 0; i < V; i++) {
            sums[c + i] = 0;
            sums[width + c + i] = 0;
        }
    }
    for (i64 row = blockIdx.x; row < rows; row += gridDim.x) {
        const T *dy_row = dy + row * dy_stride;
        const T *x_row = x + row * x_stride;
        T *dx_row = dx + row * dx_stride;
        float centre = mean[row];
        float scale = r[row];
        float dot = 0;
        float sum = 0;
        for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
            Pack<T> dys = load(dy_row + c);
            Pack<T> xs = load(x_row + c);
            Pack<float> ws = load(w + c);
            for (int i = 0; i < V; i++) {
                float g = widen(dys.at[i]) * ws.at[i];
                dot += g * (widen(xs.at[i]) - centre) * scale;
                sum += g;
            }
        }
        float mean_dot = block_sum(dot) / width;
        float mean_g = block_sum(sum) / width;
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
                float normed = (widen(xs.at[i]) - centre) * scale;
                float change = scale * (dy_value * ws.at[i] - normed * mean_dot - mean_g);
                dxs.at[i] = narrow<T>(accumulate ? widen(dxs.at[i]) + change : change);
                sums[c + i] += dy_value * normed;
                sums[width + c + i] += dy_value;
            }
            store(dx_row + c, dxs);
        }
    }
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        for (int i = 0; i < V; i++) {
            partial[blockIdx.x * 2 * width + c + i] = sums[c + i];
            partial[blockIdx.x * 2 * width + width + c + i] = sums[width + c + i];
        }
    }
}
