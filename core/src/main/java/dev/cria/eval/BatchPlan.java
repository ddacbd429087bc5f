package dev.cria.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * In which batches a model computes requests, so that nothing is computed twice and little is padding.
 *
 * <p>Inputs that are equal become one: BoolQ's two answers differ in the token that the model never sees. Inputs that
 * begin alike become a group, whose beginning is computed once: HellaSwag's four endings share their context. Groups
 * whose beginnings are about as long make a batch: one forward computes the beginnings, cut to the shortest, then the
 * rests follow in slices of rows that are about as long, whichever groups they are of. The context's last token predicts
 * the continuation's first, so it counts to the rest: all that is scored then lies in the slices.
 *
 * @param batches the longest beginnings first, at the end the inputs that share nothing
 */
record BatchPlan(List<Batch> batches) {
    /** Of a forward's tokens, those that are padding or repeated because rows are brought to one length. */
    private static final double MOST_WASTED = 0.05;

    /** A forward of fewer tokens takes as long as reading the weights, so it may as well take more with some waste. */
    private static final int LEAST_TOKENS = 512;

    /** Tokens that sharing must save to be worth a second forward. */
    private static final int LEAST_SAVED = 8;

    /** The model's next token after a position of an input, whose log-probability belongs to a request. */
    record Target(int request, int position, int token) {}

    /** A distinct input and all that is asked of it. */
    record Input(int[] ids, List<Target> targets) {
        int length() {
            return ids.length;
        }

        /** Before it, nothing is scored. */
        int firstScored() {
            return targets.stream().mapToInt(Target::position).min().orElseThrow();
        }
    }

    /** An input that goes on after one of its batch's beginnings. */
    record Row(int beginning, Input input) {}

    /** Rows of one forward, padded to the longest. */
    record Slice(List<Row> rows) {
        int width() {
            return rows.stream().mapToInt(row -> row.input().length()).max().orElseThrow();
        }
    }

    /**
     * @param shared tokens of each beginning; 0 where the inputs share nothing, and there is no beginning then
     * @param beginnings ids, in one forward
     * @param slices of the rows that go on after them, one forward each
     */
    record Batch(int shared, List<int[]> beginnings, List<Slice> slices) {
        /** Tokens that the model computes, padding included. */
        long tokens() {
            return (long) shared * beginnings.size()
                    + slices.stream()
                            .mapToLong(slice -> (long) (slice.width() - shared)
                                    * slice.rows().size())
                            .sum();
        }
    }

    /** Inputs whose first {@code shared} ids are equal. */
    private record Group(int shared, List<Input> inputs) {
        int tokens() {
            return shared
                    + inputs.stream().mapToInt(input -> input.length() - shared).sum();
        }
    }

    /**
     * @param positions of the model; longer requests are cut on the left
     * @param budget tokens that the rows of a forward may have together, those in the cache included, since it holds
     *     them for each row
     */
    static BatchPlan of(List<Request> requests, int positions, int budget) {
        List<Group> groups = groups(distinctInputs(requests, positions)).stream()
                .sorted(Comparator.comparingInt(Group::shared).reversed())
                .toList();
        List<Batch> batches = new ArrayList<>();
        List<Group> open = new ArrayList<>();
        for (Group group : groups) {
            if (!open.isEmpty() && !mayJoin(open, group, budget)) {
                batches.add(batch(open, budget));
                open = new ArrayList<>();
            }
            open.add(group);
        }
        if (!open.isEmpty()) {
            batches.add(batch(open, budget));
        }
        return new BatchPlan(batches);
    }

    long tokens() {
        return batches.stream().mapToLong(Batch::tokens).sum();
    }

    /** In lexicographic order, in which inputs that begin alike stand together. */
    private static List<Input> distinctInputs(List<Request> requests, int positions) {
        record Asked(int request, int[] input) {}
        List<Asked> sorted = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            sorted.add(new Asked(i, requests.get(i).input(positions)));
        }
        sorted.sort(Comparator.comparing(Asked::input, Arrays::compare));
        List<Input> inputs = new ArrayList<>();
        for (Asked asked : sorted) {
            if (inputs.isEmpty() || !Arrays.equals(inputs.getLast().ids(), asked.input())) {
                inputs.add(new Input(asked.input(), new ArrayList<>()));
            }
            int[] targets = requests.get(asked.request()).targets(positions);
            int first = asked.input().length - targets.length;
            for (int i = 0; i < targets.length; i++) {
                inputs.getLast().targets().add(new Target(asked.request(), first + i, targets[i]));
            }
        }
        return inputs;
    }

    /** Adds each input to the group before it where that saves tokens. */
    private static List<Group> groups(List<Input> inputs) {
        List<Group> groups = new ArrayList<>();
        for (Input input : inputs) {
            if (!groups.isEmpty()) {
                Group before = groups.getLast();
                Group joined = joined(before, input);
                if (joined.tokens() + LEAST_SAVED <= before.tokens() + input.length()) {
                    groups.set(groups.size() - 1, joined);
                    continue;
                }
            }
            groups.add(new Group(0, List.of(input)));
        }
        return groups;
    }

    private static Group joined(Group group, Input input) {
        Input first = group.inputs().getFirst();
        int alike = Arrays.mismatch(first.ids(), input.ids());
        int shared = Math.min(alike, Math.min(first.firstScored(), input.firstScored()));
        List<Input> inputs = new ArrayList<>(group.inputs());
        inputs.add(input);
        return new Group(group.inputs().size() > 1 ? Math.min(shared, group.shared()) : shared, inputs);
    }

    /** Whether the beginnings of a batch's groups may be cut to that of one more group, which has none longer. */
    private static boolean mayJoin(List<Group> groups, Group next, int budget) {
        int shared = next.shared();
        if (shared == 0) {
            return groups.getFirst().shared() == 0;
        }
        if ((groups.size() + 1L) * shared > budget) {
            return false;
        }
        long tokens = groups.stream().mapToLong(Group::tokens).sum();
        long repeated = groups.stream()
                .mapToLong(group ->
                        (long) (group.shared() - shared) * (group.inputs().size() - 1))
                .sum();
        return tokens < LEAST_TOKENS || repeated <= MOST_WASTED * tokens;
    }

    private static Batch batch(List<Group> groups, int budget) {
        int shared = groups.getLast().shared();
        List<int[]> beginnings = new ArrayList<>();
        List<Row> rows = new ArrayList<>();
        for (Group group : groups) {
            if (shared > 0) {
                beginnings.add(Arrays.copyOf(group.inputs().getFirst().ids(), shared));
            }
            group.inputs().forEach(input -> rows.add(new Row(Math.max(0, beginnings.size() - 1), input)));
        }
        return new Batch(shared, beginnings, slices(rows, shared, budget));
    }

    private static List<Slice> slices(List<Row> rows, int shared, int budget) {
        rows.sort(Comparator.comparingInt((Row row) -> row.input().length()).reversed());
        List<Slice> slices = new ArrayList<>();
        List<Row> open = new ArrayList<>();
        long wasted = 0;
        for (Row row : rows) {
            int width = open.isEmpty()
                    ? row.input().length()
                    : open.getFirst().input().length();
            long padding = width - row.input().length();
            long computed = (long) (width - shared) * (open.size() + 1);
            boolean wasteful = computed > LEAST_TOKENS && wasted + padding > MOST_WASTED * computed;
            if (!open.isEmpty() && (wasteful || (open.size() + 1L) * width > budget)) {
                slices.add(new Slice(open));
                open = new ArrayList<>();
                wasted = 0;
                padding = 0;
            }
            open.add(row);
            wasted += padding;
        }
        slices.add(new Slice(open));
        return slices;
    }
}
