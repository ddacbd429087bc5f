package dev.cria.eval;

import dev.cria.eval.BatchPlan.Input;
import dev.cria.eval.BatchPlan.Target;
import java.util.ArrayList;
import java.util.List;

/**
 * Inputs as a tree of tokens: a token that has the same tokens before it in several inputs is one of the tree.
 *
 * @param ids of the tokens
 * @param positions of the tokens in their inputs
 * @param members [inputs, width], the token at each place of each input; 0 after an input's end
 * @param places of the tokens in {@code members}, one for each
 * @param targets what is asked, with the token of the tree as its position
 */
record TokenTree(int[] ids, int[] positions, int[][] members, int[] places, List<Target> targets) {

    int width() {
        return members[0].length;
    }

    /** How many requests are answered with it. */
    long requests() {
        return targets.stream().mapToInt(Target::request).distinct().count();
    }

    /** Grows a tree by inputs, of which neighbours should begin alike. */
    static final class Builder {
        private final List<Input> inputs = new ArrayList<>();
        private final List<int[]> members = new ArrayList<>();
        private int tokens;
        private int width;

        int tokens() {
            return tokens;
        }

        /** Tokens of the tree, were this input added. */
        int tokensWith(Input input) {
            return tokens + input.length() - sharedWithLast(input);
        }

        private int sharedWithLast(Input input) {
            return inputs.isEmpty() ? 0 : input.sharedWith(inputs.getLast());
        }

        /** Rows times width, were this input added. */
        long placesWith(Input input) {
            return (inputs.size() + 1L) * Math.max(width, input.length());
        }

        void add(Input input) {
            int[] row = new int[input.length()];
            int shared = sharedWithLast(input);
            for (int i = 0; i < row.length; i++) {
                row[i] = i < shared ? members.getLast()[i] : tokens++;
            }
            inputs.add(input);
            members.add(row);
            width = Math.max(width, row.length);
        }

        TokenTree build() {
            int[] ids = new int[tokens];
            int[] positions = new int[tokens];
            int[] places = new int[tokens];
            int[][] rows = new int[inputs.size()][width];
            List<Target> targets = new ArrayList<>();
            for (int row = 0; row < rows.length; row++) {
                int[] member = members.get(row);
                for (int i = 0; i < member.length; i++) {
                    ids[member[i]] = inputs.get(row).ids()[i];
                    positions[member[i]] = i;
                    places[member[i]] = row * width + i;
                    rows[row][i] = member[i];
                }
                for (Target target : inputs.get(row).targets()) {
                    targets.add(new Target(target.request(), member[target.position()], target.token()));
                }
            }
            return new TokenTree(ids, positions, rows, places, targets);
        }
    }
}
