package dev.cria.tune;

import dev.cria.model.LlamaConfig;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.weights.ModelPlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Rows as the model will see them, in pieces with and without a loss.
 *
 * @param format the form of the files' rows
 */
public record Preview(int row, String format, int tokens, int targets, List<Piece> pieces) {

    /** Neighbouring tokens that all have a loss, or none. */
    public record Piece(String text, Loss loss) {}

    /** Whether a piece is learned. */
    public enum Loss {
        MASKED,
        LEARNED
    }

    /**
     * The first rows of a recipe's data, and what is said of all of them.
     *
     * @param data how many there are, and what of the files is left out
     * @param mix a line for each of several files
     */
    public record Previews(List<Preview> rows, String data, List<String> mix) {}

    /** The first rows of each file, as they are. */
    public static Previews of(TuningRecipe recipe, int count) {
        Path directory = ModelPlace.of(Path.of(recipe.model()));
        LlamaConfig config = TunedModel.config(directory);
        Optional<Tokenizer> tokenizer = PreparedTuning.tokenizer(recipe, directory);
        int maxLength = Math.min(recipe.data().maxLength(), config.positions());
        InstructionData data = PreparedTuning.data(recipe, directory, config, maxLength);
        List<Preview> previews = new ArrayList<>();
        int start = 0;
        for (int file = 0; file < data.ofEachFile().size(); file++) {
            String format =
                    InstructionFiles.formats(Path.of(recipe.data().files().get(file)));
            int rows = data.ofEachFile().get(file);
            for (int i = start; i < start + Math.min(count, rows); i++) {
                Example row = data.rows().get(i);
                previews.add(new Preview(i + 1, format, row.length(), row.targets(), pieces(row, tokenizer)));
            }
            start += rows;
        }
        return new Previews(
                previews, data.describe(), data.describe(recipe.data().files(), recipe.order(data)));
    }

    private static List<Piece> pieces(Example row, Optional<Tokenizer> tokenizer) {
        List<Piece> pieces = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= row.length(); to++) {
            if (to == row.length() || loss(row, to) != loss(row, from)) {
                int[] ids = Arrays.copyOfRange(row.ids(), from, to);
                String text = tokenizer.map(t -> t.decode(ids)).orElseGet(() -> Arrays.toString(ids));
                pieces.add(new Piece(text, loss(row, from)));
                from = to;
            }
        }
        return pieces;
    }

    private static Loss loss(Example row, int index) {
        return row.labels()[index] == Example.IGNORED ? Loss.MASKED : Loss.LEARNED;
    }
}
