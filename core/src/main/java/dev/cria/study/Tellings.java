package dev.cria.study;

import dev.cria.RequestException;
import dev.cria.data.Batch;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.Windows;
import dev.cria.format.ConfigFile;
import dev.cria.run.RunFiles;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.Recipe;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * At which steps a run was told of things, by its own data: the windows of each step are read again and searched for their
 * names. A name that is cut in two by a window's end is not seen there.
 */
final class Tellings {
    private Tellings() {}

    /**
     * The steps that told of each name, ascending.
     *
     * @param steps how many steps to look at
     */
    static Map<String, List<Long>> of(Path run, List<String> names, long steps) {
        RunFiles files = new RunFiles(run);
        Recipe recipe = ConfigFile.read(files.config(), Recipe.defaults(), List.of());
        Tokenizer tokenizer = Tokenizers.load(files.checkpoints().stream()
                .findFirst()
                .orElseThrow(() -> new RequestException(
                        run + " has no checkpoint, whose tokenizer its data are read with", "ls " + run)));
        Map<String, List<Long>> told = new LinkedHashMap<>();
        names.forEach(name -> told.put(name, new ArrayList<>()));
        int rows = Math.toIntExact(recipe.batch().windowsPerStep());
        try (Shards shards = Shards.open(Path.of(recipe.data().path()));
                Arena arena = Arena.ofConfined()) {
            Windows windows = windows(shards, recipe, tokenizer);
            Batch batch = Batch.allocate(arena, rows, recipe.batch().sequenceLength());
            for (long step = 0; step < steps; step++) {
                windows.read(step * rows, batch);
                note(text(batch, tokenizer), step, told);
            }
        }
        return told;
    }

    private static Windows windows(Shards shards, Recipe recipe, Tokenizer tokenizer) {
        return shards.windows(
                Split.TRAIN,
                recipe.batch().sequenceLength(),
                tokenizer.vocabularySize(),
                recipe.windowOrder(Split.TRAIN));
    }

    private static void note(String text, long step, Map<String, List<Long>> told) {
        told.forEach((name, steps) -> {
            if (text.contains(name)) {
                steps.add(step);
            }
        });
    }

    /** All windows of a step, parted by line ends. */
    private static String text(Batch batch, Tokenizer tokenizer) {
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < batch.rows(); row++) {
            int[] ids = new int[batch.sequenceLength()];
            for (int column = 0; column < ids.length; column++) {
                ids[column] = (int) batch.input(row, column);
            }
            text.append(tokenizer.decode(ids).toLowerCase(Locale.ROOT)).append('\n');
        }
        return text.toString();
    }
}
