package dev.cria.sweep;

import dev.cria.Problems;
import dev.cria.RequestException;
import dev.cria.sweep.Varied.Listed;
import dev.cria.sweep.Varied.LogUniform;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * All that trials may differ in.
 *
 * @param varied the first changes slowest in a grid
 */
public record Space(List<Varied> varied) {
    /** More runs than anybody means to train. */
    private static final int MOST_TRIALS = 10_000;

    private static final int LONGEST_NAME = 120;

    public Space {
        Problems problems = new Problems();
        problems.unless(!varied.isEmpty(), "nothing is varied", "--vary schedule.learning_rate=6e-4,1.2e-3,2.4e-3");
        Set<String> seen = new HashSet<>();
        for (String key : (Iterable<String>) varied.stream().flatMap(v -> v.keys().stream())::iterator) {
            problems.unless(seen.add(key), "--vary has " + key + " twice", "name each key once, with all its values");
            problems.unless(
                    !key.equals("out"), "--vary out has no sense: each trial has its own directory", "remove it");
        }
        problems.refuse();
        varied = List.copyOf(varied);
    }

    /** Every combination of the values. */
    List<Trial> grid() {
        List<List<String>> rows = List.of(List.of());
        for (Varied one : varied) {
            if (!(one instanceof Listed listed)) {
                throw new RequestException(
                        "--vary " + one.typed() + " is a range, and a grid needs its values one by one",
                        "--random 8 draws from it; or --vary " + one.keys().getFirst() + "=A,B,C");
            }
            rows = rows.stream()
                    .flatMap(row -> listed.values().stream().map(value -> joined(row, value)))
                    .limit(MOST_TRIALS + 1)
                    .toList();
        }
        requireFew(rows.size());
        Set<List<String>> distinct = new LinkedHashSet<>(rows);
        if (distinct.size() < rows.size()) {
            throw new RequestException("--vary has a value twice", "name each value once");
        }
        return trials(rows);
    }

    /** So many different draws, the same for the same seed. */
    List<Trial> random(int count, long seed) {
        requireFew(count);
        if (varied.stream().noneMatch(LogUniform.class::isInstance)) {
            return someOfGrid(count, seed);
        }
        var random = new SplittableRandom(seed);
        Set<List<String>> drawn = new LinkedHashSet<>();
        for (int attempt = 0; drawn.size() < count; attempt++) {
            if (attempt == 100 * count) {
                throw new RequestException(
                        "--random " + count + " is more than there are different trials",
                        "--random " + Math.max(1, drawn.size()));
            }
            drawn.add(varied.stream().flatMap(v -> v.draw(random).stream()).toList());
        }
        return trials(List.copyOf(drawn));
    }

    private List<Trial> someOfGrid(int count, long seed) {
        List<Trial> all = new ArrayList<>(grid());
        if (count > all.size()) {
            throw new RequestException(
                    "--random " + count + " is more than the " + all.size() + " trials that there are",
                    "--random " + all.size() + ", or leave it out for all of them");
        }
        var random = new SplittableRandom(seed);
        List<Trial> drawn = new ArrayList<>();
        while (drawn.size() < count) {
            drawn.add(all.remove(random.nextInt(all.size())));
        }
        return drawn;
    }

    private static void requireFew(int trials) {
        if (trials < 1 || trials > MOST_TRIALS) {
            throw new RequestException(
                    "%,d trials are asked for, not from 1 to %,d".formatted(trials, MOST_TRIALS),
                    "--random 16 takes some of them");
        }
    }

    private static List<String> joined(List<String> row, List<String> value) {
        return Stream.concat(row.stream(), value.stream()).toList();
    }

    /** Every key that is varied. */
    List<String> keys() {
        return varied.stream().flatMap(v -> v.keys().stream()).toList();
    }

    /** The keys that name trials and lines: of those that move together the first. */
    List<String> named() {
        return varied.stream().map(v -> v.keys().getFirst()).toList();
    }

    /** A key's last word, where that is enough to tell it from the others. */
    String shortName(String key) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        boolean alone = named().stream()
                        .filter(k -> k.substring(k.lastIndexOf('.') + 1).equals(last))
                        .count()
                < 2;
        return alone ? last : key;
    }

    private List<Trial> trials(List<List<String>> rows) {
        List<String> keys = keys();
        Set<String> names = new HashSet<>();
        List<Trial> trials = new ArrayList<>();
        for (List<String> row : rows) {
            SequencedMap<String, String> settings = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                settings.put(keys.get(i), row.get(i));
            }
            String name = name(settings);
            for (int again = 2; !names.add(name.toLowerCase(Locale.ROOT)); again++) {
                name = name(settings) + "-" + again;
            }
            trials.add(new Trial(name, settings));
        }
        return List.copyOf(trials);
    }

    /** What every file system and shell leaves as it is: {@code kind=muon,learning_rate=0.0024}. */
    private String name(SequencedMap<String, String> settings) {
        String name = String.join(
                ",",
                named().stream()
                        .map(key -> shortName(key) + "=" + settings.get(key))
                        .toList());
        String plain = name.replaceAll("[^\\w.,=+-]+", "-");
        return plain.substring(0, Math.min(LONGEST_NAME, plain.length()));
    }
}
