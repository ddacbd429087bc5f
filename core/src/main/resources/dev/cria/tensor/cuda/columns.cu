// Sums over rows, in two steps and in an order that depends on the sizes alone.

// Each block's share of the sums of columns: every gridDim.x-th row, into its row of partial [gridDim.x, width].
KERNEL void column_shares(const T *x, i64 x_stride, i64 rows, i64 width, float *partial) {
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        float sums[V] = {};
        for (i64 row = blockIdx.x; row < rows; row += gridDim.x) {
            Pack<T> xs = load(x + row * x_stride + c);
            for (int i = 0; i < V; i++) {
                sums[i] += widen(xs.at[i]);
            }
        }
        for (int i = 0; i < V; i++) {
            partial[blockIdx.x * width + c + i] = sums[i];
        }
    }
}

// out += Σ over rows of partial [rows, width], of which the first `columns` columns from `first` on are meant. A block
// of 256 takes 32 columns, eight threads to a column.
KERNEL void add_shares(const float *partial, i64 rows, i64 width, i64 first, i64 columns, D *out) {
    __shared__ float shares[8][32];
    int lane = threadIdx.x % 32;
    int slice = threadIdx.x / 32;
    i64 column = (i64)blockIdx.x * 32 + lane;
    float sum = 0;
    if (column < columns) {
        for (i64 row = slice; row < rows; row += 8) {
            sum += partial[row * width + first + column];
        }
    }
    shares[slice][lane] = sum;
    __syncthreads();
    if (slice == 0 && column < columns) {
        float whole = 0;
        for (int i = 0; i < 8; i++) {
            whole += shares[i][lane];
        }
        out[column] = narrow<D>(widen(out[column]) + whole);
    }
}
