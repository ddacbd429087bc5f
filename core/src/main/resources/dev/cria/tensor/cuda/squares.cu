// Σ x², in double precision, in two steps and in an order that depends on the count alone.

// Each block's share, every gridDim.x·blockDim.x-th vector for a thread, into partial [gridDim.x]. V divides count.
KERNEL void squares(const T *x, i64 count, double *partial) {
    double sum = 0;
    i64 step = (i64)gridDim.x * blockDim.x * V;
    for (i64 at = ((i64)blockIdx.x * blockDim.x + threadIdx.x) * V; at < count; at += step) {
        Pack<T> xs = load(x + at);
        for (int i = 0; i < V; i++) {
            double value = widen(xs.at[i]);
            sum += value * value;
        }
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
    }
}

// The sum of the shares, by one block.
KERNEL void sum_shares(const double *partial, i64 count, double *sum) {
    double share = 0;
    for (i64 at = threadIdx.x; at < count; at += blockDim.x) {
        share += partial[at];
    }
    share = block_sum(share);
    if (threadIdx.x == 0) {
        *sum = share;
    }
}
