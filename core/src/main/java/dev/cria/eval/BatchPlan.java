package dev.cria.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * In which batches a model computes requests, so that nothing is computed twice and nothing is padding. Inputs that are
 * equal become one: BoolQ's two answers differ in the token that the model never sees. Inputs that begin alike come
 * into one batch, whose {@link TokenTree} holds their beginning once: HellaSwag's four endings share their context.
 *
 * @param batches those of the longest inputs first, so that memory is enough for all or runs out at once
 */
record BatchPlan(List<TokenTree> batches) {
    /** Tokens that two inputs must have in common to be kept together; less is not worth rows of unlike lengths. */
    private static final int LEAST_SHARED = 8;

    /** Places in the rows of a batch for each token of its budget: attention has its memory for all of them. */
    private static final int MOST_PLACES = 4;

    /** A request's token, and the place in its input after which the model should expect it. */
    record Target(int request, int position, int token) {}

    /** A distinct input and all that is asked of it. */
    record Input(int[] ids, List<Target> targets) {
        int length() {
            return ids.length;
        }

        /** How many tokens it has in common with another at the beginning. */
        int sharedWith(Input other) {
            int mismatch = Arrays.mismatch(ids, other.ids);
            return mismatch < 0 ? ids.length : mismatch;
        }
    }

    /**
     * Plans requests.
     *
     * @param positions of the model; longer requests are cut on the left
     * @param budget tokens of a batch; one input may have more
     */
    static BatchPlan of(List<Request> requests, int positions, int budget) {
        List<List<Input>> families = families(distinctInputs(requests, positions));
        families.sort(Comparator.comparingInt(BatchPlan::longest).reversed());
        List<TokenTree> batches = new ArrayList<>();
        TokenTree.Builder open = new TokenTree.Builder();
        for (List<Input> family : families) {
            if (open.tokens() + tokens(family) > budget) {
                open = closed(open, batches);
            }
            for (Input input : family) {
                if (open.tokensWith(input) > budget || open.placesWith(input) > (long) MOST_PLACES * budget) {
                    open = closed(open, batches);
                }
                open.add(input);
            }
        }
        closed(open, batches);
        return new BatchPlan(batches);
    }

    private static TokenTree.Builder closed(TokenTree.Builder open, List<TokenTree> batches) {
        if (open.tokens() > 0) {
            batches.add(open.build());
        }
        return new TokenTree.Builder();
    }

    /** Tokens that the model computes. */
    long tokens() {
        return batches.stream().mapToLong(batch -> batch.ids().length).sum();
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

    /** Neighbours that begin alike, together. */
    private static List<List<Input>> families(List<Input> inputs) {
        List<List<Input>> families = new ArrayList<>();
        for (Input input : inputs) {
            if (families.isEmpty() || input.sharedWith(families.getLast().getLast()) < LEAST_SHARED) {
                families.add(new ArrayList<>());
            }
            families.getLast().add(input);
        }
        return families;
    }

    private static int longest(List<Input> family) {
        return family.stream().mapToInt(Input::length).max().orElseThrow();
    }

    private static int tokens(List<Input> family) {
        int tokens = family.getFirst().length();
        for (int i = 1; i < family.size(); i++) {
            tokens += family.get(i).length() - family.get(i).sharedWith(family.get(i - 1));
        }
        return tokens;
    }
}
