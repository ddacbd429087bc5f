package dev.cria.sweep;

import dev.cria.RequestException;
import dev.cria.train.Training;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which trials there are, as {@code sweep.json} keeps it.
 *
 * @param vary what is varied, each as it was typed
 * @param random how many draws; null for the whole grid
 * @param seed of the draws
 * @param halving eta; null for none
 * @param firstRung its first rung; null for the usual one
 */
public record SweepPlan(
        List<String> vary,
        @Nullable Integer random,
        long seed,
        @Nullable Integer halving,
        @Nullable Long firstRung) {
    public SweepPlan {
        vary = List.copyOf(vary);
        if (firstRung != null && halving == null) {
            throw new RequestException("--first-rung goes with --halving", "--halving 3 --first-rung " + firstRung);
        }
    }

    /** As they are typed. */
    List<String> options() {
        List<String> options = new ArrayList<>();
        vary.forEach(varied -> options.addAll(List.of("--vary", Training.shellWord(varied))));
        if (random != null) {
            options.addAll(List.of("--random", random.toString(), "--seed", String.valueOf(seed)));
        }
        if (halving != null) {
            options.addAll(List.of("--halving", halving.toString()));
        }
        if (firstRung != null) {
            options.addAll(List.of("--first-rung", firstRung.toString()));
        }
        return List.copyOf(options);
    }

    Space space() {
        return new Space(vary.stream().map(Varied::parse).toList());
    }

    List<Trial> trials() {
        Space space = space();
        return random == null ? space.grid() : space.random(random, seed);
    }

    Optional<Halving> halvingIfAny() {
        return Optional.ofNullable(halving)
                .map(eta -> new Halving(eta, firstRung == null ? OptionalLong.empty() : OptionalLong.of(firstRung)));
    }
}
