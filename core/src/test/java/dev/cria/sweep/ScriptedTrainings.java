package dev.cria.sweep;

import dev.cria.format.ConfigFile;
import dev.cria.run.RunFiles;
import dev.cria.sweep.Sweep.Trainings;
import dev.cria.train.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Writes what a training would, at once: the loss falls with the steps to what follows from rate, optimizer and seed alone,
 * and a rate above 1 diverges. Remembers what it was asked for.
 */
public final class ScriptedTrainings implements Trainings {
    private final List<String> trained = new ArrayList<>();
    private String broken = "";
    private int interrupted = Integer.MAX_VALUE;

    @Override
    public int run(List<String> arguments) {
        List<String> settings = new ArrayList<>();
        Path config = Path.of("");
        Path out = Path.of("");
        OptionalLong until = OptionalLong.empty();
        for (int i = 1; i < arguments.size(); i += 2) {
            String value = arguments.get(i + 1);
            switch (arguments.get(i)) {
                case "--config" -> config = Path.of(value);
                case "--set" -> settings.add(value);
                case "--out" -> out = Path.of(value);
                case "--until" -> until = OptionalLong.of(Long.parseLong(value));
                default -> throw new IllegalArgumentException(arguments.get(i));
            }
        }
        String name = String.valueOf(out.getFileName());
        trained.add(name + (until.isPresent() ? " until " + until.getAsLong() : ""));
        Recipe recipe = ConfigFile.read(config, Recipe.defaults(), settings);
        return name.equals(broken)
                ? 1
                : train(recipe, out, until.orElse(recipe.schedule().steps()));
    }

    private int train(Recipe recipe, Path out, long target) {
        List<Path> checkpoints = new RunFiles(out).checkpoints();
        long from = checkpoints.isEmpty()
                ? 0
                : RunFiles.step(checkpoints.getFirst()).orElseThrow();
        boolean stops = trained.size() > interrupted;
        boolean diverges = recipe.schedule().learningRate() > 1;
        long to = stops ? (from + target) / 2 : diverges ? from + 3 : target;
        StringBuilder lines = new StringBuilder();
        for (long step = from; step <= to; step++) {
            if (step % recipe.validation().every() == 0 && !(step == from && from > 0)) {
                lines.append("{\"step\": %d, \"val_loss\": %s}\n".formatted(step, loss(recipe, step)));
            }
            boolean isLogged = diverges ? step < to - 1 : step < to;
            if (isLogged) {
                lines.append("{\"step\": %d, \"loss\": 1, \"tokens\": %d, \"elapsed_s\": %s%s}\n"
                        .formatted(step, 32 * (step + 1), 0.5 * (step + 1), diverges ? ", \"skipped\": true" : ""));
            }
        }
        write(out, from == 0 ? lines.toString() : read(out) + lines, to, !diverges);
        if (diverges) {
            writeSkipped(out, from);
        }
        return stops ? 130 : diverges ? 1 : 0;
    }

    /** Falls to a floor that is lowest at a rate of 0.01; muon is twice as fast. */
    static double loss(Recipe recipe, long step) {
        double speed = recipe.optimizer().kind().name().equals("MUON") ? 2 : 1;
        double off = Math.abs(Math.log10(recipe.schedule().learningRate()) + 2);
        return 1 + off + 0.001 * (recipe.seed() % 100) + Math.exp(-speed * step / 8.0);
    }

    private static String read(Path out) {
        try {
            return Files.readString(out.resolve(RunFiles.METRICS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Three in a row; the last of them, at which a training gives up, is an event without a line of its step. */
    private static void writeSkipped(Path out, long from) {
        StringBuilder events = new StringBuilder();
        for (long step = from; step < from + 3; step++) {
            events.append("{\"event\": \"skipped\", \"step\": %d}\n".formatted(step));
        }
        try {
            Files.writeString(out.resolve(RunFiles.EVENTS), events);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path out, String metrics, long step, boolean checkpoint) {
        try {
            Files.createDirectories(out.resolve("checkpoints"));
            if (checkpoint) {
                Files.createDirectories(out.resolve("checkpoints").resolve(RunFiles.checkpointName(step)));
            }
            Files.writeString(out.resolve(RunFiles.METRICS), metrics);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was trained, in order. */
    public List<String> trained() {
        return trained;
    }

    /** A trial whose process dies. */
    public void breaks(String name) {
        broken = name;
    }

    /** After so many trainings somebody interrupts the next, half way. */
    public void interruptsAfter(int count) {
        interrupted = count;
    }
}
