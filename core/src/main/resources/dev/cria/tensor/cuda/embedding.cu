// out[row] = table[ids[row]]
KERNEL void embedding(const T *table, i64 table_stride, const i64 *ids, i64 width, T *out, i64 out_stride) {
    i64 row = blockIdx.x;
    i64 id = ids[row];
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        store(out + row * out_stride + c, load(table + id * table_stride + c));
    }
}

// dtable[id] += Σ dout[row] over the rows of an id, in their order. sorted are the ids in ascending order, rows where each
// of them stood, equal ones in the order of the rows. A block takes one place of the sorted ids, and does nothing
// unless an id begins there.
KERNEL void embedding_gradient(const T *dout, i64 dout_stride, const i64 *sorted, const i64 *rows, i64 count,
                               i64 width, D *dtable, i64 dtable_stride) {
    i64 begin = blockIdx.x;
    i64 id = sorted[begin];
    if (begin > 0 && sorted[begin - 1] == id) {
        return;
    }
    i64 end = begin + 1;
    while (end < count && sorted[end] == id) {
        end++;
    }
    for (int c = threadIdx.x * V; c < width; c += blockDim.x * V) {
        float sums[V] = {};
        for (i64 place = begin; place < end; place++) {
            Pack<T> parts = load(dout + rows[place] * dout_stride + c);
            for (int i = 0; i < V; i++) {
                sums[i] += widen(parts.at[i]);
            }
        }
        D *to = dtable + id * dtable_stride + c;
        for (int i = 0; i < V; i++) {
            to[i] = narrow<D>(widen(to[i]) + sums[i]);
        }
    }
}
