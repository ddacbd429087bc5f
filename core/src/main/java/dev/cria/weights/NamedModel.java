package dev.cria.weights;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.AtomicDirectory;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubAddress;
import dev.cria.run.RunFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A model, run or adapter as a command line names it.
 *
 * @param name as it was given, with one revision
 * @param path where it lies; of an address on the hub, the folder in the cache that its files were brought to
 */
public record NamedModel(String name, Path path) {
    private static final Pattern REVISIONS = Pattern.compile("(hf://[^@]+@)([^/]*)(|/.*)");
    private static final String AVERAGE = "@ema";
    private static final String AVERAGE_FOLDER = "ema";
    private static final Pattern AT_STEP = Pattern.compile("(.+)@(\\d{1,18})");

    /** Brings what a name means here. */
    public static NamedModel of(String name, Progress progress) {
        Path path = HubAddress.isOne(name)
                ? HubModel.fetch(Hub.ofEnvironment(progress), HubAddress.ofModel(name))
                : here(name);
        if (GgufImport.isOne(path)) {
            return new NamedModel(name, unpacked(name, path, GgufImport::write, progress));
        }
        return new NamedModel(
                name, TorchImport.isOne(path) ? unpacked(name, path, TorchImport::write, progress) : path);
    }

    /** What a name on this machine means; {@code MODEL@ema} is the average of the weights that a checkpoint holds. */
    private static Path here(String name) {
        return name.endsWith(AVERAGE) && !Files.exists(Path.of(name))
                ? averageIn(ModelPlace.of(atStep(name.substring(0, name.length() - AVERAGE.length()))))
                : atStep(name);
    }

    private static Path averageIn(Path checkpoint) {
        Path average = checkpoint.resolve(AVERAGE_FOLDER);
        if (!Files.isDirectory(average)) {
            throw new RequestException(
                    checkpoint + " holds no average of its weights",
                    "leave " + AVERAGE + " out, or train with --set ema.decay=0.999");
        }
        return average;
    }

    /** The checkpoint that {@code RUN@STEP} names, unless a file is called so. */
    private static Path atStep(String name) {
        Matcher parts = AT_STEP.matcher(name);
        if (Files.exists(Path.of(name)) || !parts.matches()) {
            return Path.of(name);
        }
        List<Path> there = new RunFiles(Path.of(parts.group(1))).checkpoints();
        long step = Long.parseLong(parts.group(2));
        return there.stream()
                .filter(checkpoint -> RunFiles.step(checkpoint).orElseThrow() == step)
                .findFirst()
                .orElseThrow(() -> new RequestException(
                        parts.group(1) + " has no checkpoint of step " + step,
                        there.isEmpty() ? "name a run" : "its steps are " + steps(there)));
    }

    private static String steps(List<Path> checkpoints) {
        return checkpoints.reversed().stream()
                .map(checkpoint -> Long.toString(RunFiles.step(checkpoint).orElseThrow()))
                .collect(Collectors.joining(", "));
    }

    /** True where the files were made for this program, and are gone with it. */
    public boolean isTemporary() {
        return GgufImport.isOne(Path.of(name)) || TorchImport.isOne(Path.of(name));
    }

    /** A directory for as long as this program runs; {@code import} keeps one. */
    private static Path unpacked(String name, Path file, BiConsumer<Path, Path> write, Progress progress) {
        progress.say("%s is converted; ./cria import %s --out DIR keeps what that gives".formatted(name, name));
        Path directory = AtomicDirectory.temporary("cria-import");
        write.accept(file, directory);
        return directory;
    }

    /** The same for each revision of {@code hf://OWNER/MODEL@ONE,TWO}; every address is checked before the first download. */
    public static List<NamedModel> ofEach(List<String> names, Progress progress) {
        List<String> single = names.stream().flatMap(NamedModel::revisions).toList();
        single.stream().filter(HubAddress::isOne).forEach(HubAddress::ofModel);
        return single.stream().map(name -> of(name, progress)).toList();
    }

    private static Stream<String> revisions(String name) {
        Matcher several = REVISIONS.matcher(name);
        return several.matches()
                ? Stream.of(several.group(2).split(",", -1))
                        .map(revision -> several.group(1) + revision + several.group(3))
                : Stream.of(name);
    }

    /**
     * How tables show one of the directories that are meant: a run's checkpoints by their own names, but not by that of
     * a folder in the cache or of a converted file.
     */
    public String shown(Path place) {
        return isOnHub() || isTemporary() ? name : place.toString();
    }

    /** What a request to a server calls it: {@code OWNER/MODEL[@REVISION]}, or the last part of its path. */
    public String shortName() {
        if (isOnHub()) {
            return name.replaceFirst("^hf://(models/)?", "").replaceFirst("/$", "");
        }
        String last = String.valueOf(Path.of(name).toAbsolutePath().normalize().getFileName());
        return last.replaceFirst("(?i)\\.gguf$", "");
    }

    private boolean isOnHub() {
        return HubAddress.isOne(name);
    }
}
