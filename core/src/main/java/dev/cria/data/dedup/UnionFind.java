package dev.cria.data.dedup;

/** Disjoint sets of 0 … size − 1, each led by its smallest member. Four bytes an element. */
final class UnionFind {
    private final int[] parent;

    UnionFind(int size) {
        parent = new int[size];
        for (int i = 0; i < size; i++) {
            parent[i] = i;
        }
    }

    /** The smallest member of the element's set. */
    int find(int element) {
        int at = element;
        while (parent[at] != at) {
            // Path halving (Tarjan and van Leeuwen 1984): needs no second pass and no stack.
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        return at;
    }

    void union(int a, int b) {
        int first = find(a);
        int second = find(b);
        parent[Math.max(first, second)] = Math.min(first, second);
    }
}
