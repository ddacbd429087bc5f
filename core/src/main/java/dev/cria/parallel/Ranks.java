package dev.cria.parallel;

import dev.cria.tensor.Tensor;

/** The processes that train one model together, seen from one of them. */
public interface Ranks extends AutoCloseable {

    /** This process's number, from 0. */
    int rank();

    /** How many there are. */
    int size();

    /** Replaces the tensor on every rank by its sum over all ranks. */
    void sum(Tensor tensor);

    /** The sum of a number over all ranks. */
    double sum(double number);

    /** Returns when every rank has come here. */
    void barrier();

    @Override
    void close();

    default boolean isFirst() {
        return rank() == 0;
    }

    /** One process alone. */
    static Ranks solo() {
        return new Solo();
    }

    /** One process alone: sums are what they are. */
    record Solo() implements Ranks {
        @Override
        public int rank() {
            return 0;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public void sum(Tensor tensor) {}

        @Override
        public double sum(double number) {
            return number;
        }

        @Override
        public void barrier() {}

        @Override
        public void close() {}
    }
}
