package dev.cria.tune;

import dev.cria.model.LlamaConfig;
import dev.cria.model.ModelPlace;
import dev.cria.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Rows as the model will see them, in pieces with and without a loss. */
public record Preview(int row, int tokens, int targets, List<Piece> pieces) {

    /** Neighbouring tokens that all have a loss, or none. */
    public record Piece(String text, Loss loss) {}

    /** Whether a piece is learned. */
    public enum Loss {
        MASKED,
        LEARNED
    }

    /** The first rows of a recipe's data. */
    public static List<Preview> of(TuningRecipe recipe, int count) {
        Path directory = ModelPlace.of(Path.of(recipe.model()));
        LlamaConfig config = TunedModel.config(directory);
        Optional<Tokenizer> tokenizer = Tuning.tokenizer(recipe, directory);
        int maxLength = Math.min(recipe.data().maxLength(), config.positions());
        List<Example> rows = Tuning.data(recipe, directory, config, maxLength).rows();
        List<Preview> previews = new ArrayList<>();
        for (int i = 0; i < Math.min(count, rows.size()); i++) {
            Example row = rows.get(i);
            previews.add(new Preview(i + 1, row.length(), row.targets(), pieces(row, tokenizer)));
        }
        return previews;
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
