// The numbers of an AdamW step: what AdamStep holds, as the arithmetic uses them.
#define STEP                                                                                                          \
    float gradient_scale, float decay, float beta1, float beta2, float eps, float rate, float correction2

// w = decay·w − rate · m / (√(v / correction2) + eps) with the moments already moved on
__device__ inline float moved(float w, float m, float v, float decay, float eps, float rate, float correction2) {
    return decay * w - rate * m / (sqrtf(v / correction2) + eps);
}

// One AdamW step on float weights and moments; g is of type T, and the new weights are rounded into copy, of type D,
// unless it is null. A thread takes V elements.
KERNEL void adam(float *w, const T *g, float *m, float *v, D *copy, i64 count, STEP) {
    i64 at = ((i64)blockIdx.x * blockDim.x + threadIdx.x) * V;
    if (at >= count) {
        return;
    }
    Pack<float> ws = load(w + at);
    Pack<T> gs = load(g + at);
    Pack<float> ms = load(m + at);
    Pack<float> vs = load(v + at);
    Pack<D> copies;
    for (int i = 0; i < V; i++) {
        float gradient = widen(gs.at[i]) * gradient_scale;
        ms.at[i] = beta1 * ms.at[i] + (1 - beta1) * gradient;
        vs.at[i] = beta2 * vs.at[i] + (1 - beta2) * gradient * gradient;
        ws.at[i] = moved(ws.at[i], ms.at[i], vs.at[i], decay, eps, rate, correction2);
        copies.at[i] = narrow<D>(ws.at[i]);
    }
    store(w + at, ws);
    store(m + at, ms);
    store(v + at, vs);
    if (copy != nullptr) {
        store(copy + at, copies);
    }
}

// The same with moments in 8 bits, in blocks of 256 that share a scale: m as sign·127·√(|m|/scale), v as
// 255·(v/scale)^¼ − 128. A block of threads takes a block of elements. V is 1.
KERNEL void adam8(float *w, const T *g, signed char *m_codes, float *m_scales, signed char *v_codes, float *v_scales,
                  D *copy, i64 count, STEP) {
    i64 at = (i64)blockIdx.x * 256 + threadIdx.x;
    bool there = at < count;
    float m = 0;
    float v = 0;
    if (there) {
        float gradient = widen(g[at]) * gradient_scale;
        float m_ratio = m_codes[at] / 127.0f;
        float v_root = (v_codes[at] + 128) / 255.0f;
        float v_ratio = v_root * v_root * v_root * v_root;
        m = beta1 * (m_ratio * fabsf(m_ratio) * m_scales[blockIdx.x]) + (1 - beta1) * gradient;
        v = beta2 * (v_ratio * v_scales[blockIdx.x]) + (1 - beta2) * gradient * gradient;
        float moved_w = moved(w[at], m, v, decay, eps, rate, correction2);
        w[at] = moved_w;
        if (copy != nullptr) {
            copy[at] = narrow<D>(moved_w);
        }
    }
    float m_scale = block_max(fabsf(m));
    float v_scale = block_max(v);
    if (there) {
        float m_code = rintf(sqrtf(fabsf(m) / fmaxf(m_scale, 1.17549435e-38f)) * 127);
        float v_code = rintf(sqrtf(sqrtf(v / fmaxf(v_scale, 1.17549435e-38f))) * 255);
        m_codes[at] = (signed char)(m < 0 ? -m_code : m_code);
        // A square above zero keeps at least the smallest code above zero's.
        v_codes[at] = (signed char)(fmaxf(v_code, v > 0 ? 1 : 0) - 128);
    }
    if (threadIdx.x == 0) {
        m_scales[blockIdx.x] = m_scale;
        v_scales[blockIdx.x] = v_scale;
    }
}
