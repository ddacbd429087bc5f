package dev.cria.serve;

import dev.cria.RequestException;
import dev.cria.run.RunFiles;
import dev.cria.tune.PeftFiles;
import dev.cria.weights.ModelPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The models that a request may name: a directory by its name, a run by its name for its newest checkpoint and by
 * {@code run@step} for any, an adapter by its name for the first model with it, and {@code model+adapter}. Names are
 * looked up in this list and become no paths; checkpoints that a run writes later appear.
 */
public final class Catalogue {
    private final Map<String, Path> models;
    private final Map<String, Path> adapters;

    private Catalogue(Map<String, Path> models, Map<String, Path> adapters) {
        this.models = models;
        this.adapters = adapters;
    }

    /**
     * A model that can be asked for.
     *
     * @param run the run's name, empty for a model directory
     * @param adapterName empty where there is none
     */
    record Entry(
            String id, Path directory, Optional<Path> adapter, String run, OptionalLong step, String adapterName) {}

    /** What a command line serves: a model directory or a run, under the name that requests use. */
    public record Served(String name, Path place) {}

    /**
     * The models of a command line.
     *
     * @throws RequestException if one is no model, or two have one name
     */
    public static Catalogue of(List<Served> all, Map<String, Path> adapters) {
        Map<String, Path> models = new LinkedHashMap<>();
        for (Served one : all) {
            ModelPlace.of(PeftFiles.find(one.place).map(PeftFiles::base).orElse(one.place));
            if (models.putIfAbsent(one.name, one.place) != null) {
                throw new RequestException(
                        "two models are called " + one.name + ": " + models.get(one.name) + " and " + one.place,
                        "rename one of the directories");
            }
        }
        for (var adapter : adapters.entrySet()) {
            if (PeftFiles.find(adapter.getValue()).isEmpty()) {
                throw new RequestException(
                        "--adapter " + adapter.getKey() + "=" + adapter.getValue() + " is no adapter",
                        "name a directory with adapter_config.json, or a tuning run");
            }
            if (adapter.getKey().matches(".*[@+/].*") || models.containsKey(adapter.getKey())) {
                throw new RequestException(
                        "--adapter " + adapter.getKey() + " has the name of a model, or @, + or / in it",
                        "--adapter tuned=" + adapter.getValue());
            }
        }
        return new Catalogue(models, new LinkedHashMap<>(adapters));
    }

    /** Each model once, the checkpoints of a run newest first. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        models.forEach((name, place) -> {
            entries.add(entry(name, place, OptionalLong.empty()));
            if (PeftFiles.find(place).isEmpty() && !isModel(place)) {
                for (Path checkpoint : new RunFiles(place).checkpoints()) {
                    if (isModel(checkpoint)) {
                        entries.add(entry(name, checkpoint, RunFiles.step(checkpoint)));
                    }
                }
            }
        });
        adapters.forEach((name, place) -> {
            Entry first = entries.getFirst();
            entries.add(new Entry(name, first.directory, PeftFiles.find(place), first.run, first.step, name));
        });
        return entries;
    }

    private static boolean isModel(Path directory) {
        return Files.isRegularFile(directory.resolve("config.json"));
    }

    private static Entry entry(String name, Path place, OptionalLong step) {
        String id = step.isPresent() ? name + "@" + step.getAsLong() : name;
        return new Entry(id, place, Optional.empty(), isModel(place) && step.isEmpty() ? "" : name, step, "");
    }

    /** The model of a name, empty where none has it. */
    Optional<Entry> find(String id) {
        List<Entry> all = entries();
        Optional<Entry> plain = all.stream().filter(e -> e.id.equals(id)).findFirst();
        int plus = id.lastIndexOf('+');
        if (plain.isPresent() || plus < 0) {
            return plain;
        }
        String name = id.substring(plus + 1);
        Optional<Path> adapter = Optional.ofNullable(adapters.get(name)).flatMap(PeftFiles::find);
        return adapter.flatMap(dir -> all.stream()
                .filter(e -> e.id.equals(id.substring(0, plus)) && e.adapterName.isEmpty())
                .map(e -> new Entry(id, e.directory, Optional.of(dir), e.run, e.step, name))
                .findFirst());
    }

    List<String> adapterNames() {
        return List.copyOf(adapters.keySet());
    }

    /** Seconds since 1970 that a model was written at, 0 where nobody knows. */
    static long created(Entry entry) {
        try {
            return Files.getLastModifiedTime(entry.directory).toMillis() / 1000;
        } catch (IOException _) {
            return 0;
        }
    }

    /** Distinguishes what is loaded: the newest checkpoint of a run is another directory tomorrow. */
    static String key(Entry entry) {
        return entry.adapter.isEmpty() && PeftFiles.find(entry.directory).isPresent()
                ? entry.directory.toString()
                : ModelPlace.of(entry.directory) + "+"
                        + entry.adapter.map(Path::toString).orElse("");
    }
}
