// losses[row] = log Σ exp(logits) − logits[target], and, with gradients asked for, logits becomes
// factor · ((1 + 2·z·log Σ exp(logits))·softmax − one-hot). A row whose target is negative has loss 0 and no gradient. A block takes a row.
KERNEL void cross_entropy(T *logits, i64 stride, const i64 *targets, i64 vocab, float *losses, float factor,
                          float z, i64 gradients) {
    i64 row = blockIdx.x;
    T *x = logits + row * stride;
    i64 target = targets[row];
    // The largest so far, and the sum of exponentials relative to it (Milakov and Gimelshein 2018).
    float largest = MINUS_INFINITY;
    float sum = 0;
    for (int c = threadIdx.x * V; c < vocab; c += blockDim.x * V) {
        Pack<T> xs = load(x + c);
        float larger = largest;
        for (int i = 0; i < V; i++) {
            larger = fmaxf(larger, widen(xs.at[i]));
        }
        sum *= largest == larger ? 1 : exponential(largest - larger);
        for (int i = 0; i < V; i++) {
            sum += exponential(widen(xs.at[i]) - larger);
        }
        largest = larger;
    }
    float whole_largest = block_max(largest);
    float share = largest == MINUS_INFINITY ? sum : sum * exponential(largest - whole_largest);
    float log_sum = whole_largest + logf(block_sum(share));
    if (threadIdx.x == 0) {
        losses[row] = target < 0 ? 0 : log_sum - widen(x[target]);
    }
    if (!gradients) {
        return;
    }
    __syncthreads(); // The target's logit has been read.
    float whole = 1 + 2 * z * log_sum;
    for (int c = threadIdx.x * V; c < vocab; c += blockDim.x * V) {
        Pack<T> xs = load(x + c);
        for (int i = 0; i < V; i++) {
            float probability = exponential(widen(xs.at[i]) - log_sum);
            float change = whole * probability - (c + i == target ? 1 : 0);
            xs.at[i] = narrow<T>(target < 0 ? 0 : change * factor);
        }
        store(x + c, xs);
    }
}
