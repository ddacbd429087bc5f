package dev.cria.format;

import dev.cria.RequestException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tensors of a model's directory as one: a single safetensors file, or several named by an index. */
public final class SafetensorsDirectory implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> fileOf;

    private SafetensorsDirectory(List<SafetensorsFile> files, Map<String, SafetensorsFile> fileOf) {
        this.files = files;
        this.fileOf = fileOf;
    }

    /**
     * Opens {@code STEM.safetensors}, or the files that {@code STEM.safetensors.index.json} names.
     *
     * @param stem {@code model} for models, {@code adapter_model} for adapters
     * @throws RequestException if the directory has neither
     */
    public static SafetensorsDirectory open(Path directory, String stem) {
        Path single = directory.resolve(stem + ".safetensors");
        Path index = directory.resolve(stem + ".safetensors.index.json");
        if (Files.exists(index)) {
            return openIndexed(directory, index);
        }
        if (!Files.exists(single)) {
            throw absent(directory, stem);
        }
        SafetensorsFile file = SafetensorsFile.open(single);
        Map<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
        file.names().forEach(n -> fileOf.put(n, file));
        return new SafetensorsDirectory(List.of(file), fileOf);
    }

    /** Where the weights are there in PyTorch's format, which runs code of its author when read, a line converts them. */
    private static RequestException absent(Path directory, String stem) {
        String lacking = directory + " has neither " + stem + ".safetensors nor " + stem + ".safetensors.index.json";
        return pickled(directory)
                .map(file -> new RequestException(
                        lacking + "; " + file.getFileName() + " is PyTorch's own format",
                        "python -c \"" + conversion(directory, stem, file) + "\""))
                .orElseGet(() -> new RequestException(lacking, "ls " + directory));
    }

    /** Transformers reads the files that it names itself, in one piece or several; torch reads any other. */
    private static String conversion(Path directory, String stem, Path pickled) {
        return pickled.getFileName().toString().startsWith("pytorch_model")
                ? "from transformers import AutoModelForCausalLM as M; M.from_pretrained('%1$s').save_pretrained('%1$s')"
                        .formatted(directory)
                : "import torch; from safetensors.torch import save_file; save_file({k: v.contiguous() for k, v in"
                        + " torch.load('%s', weights_only=True).items()}, '%s')"
                                .formatted(pickled, directory.resolve(stem + ".safetensors"));
    }

    private static Optional<Path> pickled(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().matches(".*\\.(bin|pt|pth)"))
                    .sorted()
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static SafetensorsDirectory openIndexed(Path directory, Path index) {
        Map<String, List<String>> namesIn = new TreeMap<>();
        weightMap(index).forEach((tensor, file) -> namesIn.computeIfAbsent(file, _ -> new ArrayList<>())
                .add(tensor));
        List<SafetensorsFile> files = new ArrayList<>();
        Map<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
        try {
            namesIn.forEach((name, tensors) -> {
                SafetensorsFile file = SafetensorsFile.open(directory.resolve(name));
                files.add(file);
                for (String tensor : tensors) {
                    if (file.find(tensor).isEmpty()) {
                        throw SafetensorsHeader.damaged(index, "it says that " + tensor + " is in " + name);
                    }
                    fileOf.put(tensor, file);
                }
            });
        } catch (RuntimeException e) {
            files.forEach(SafetensorsFile::close);
            throw e;
        }
        return new SafetensorsDirectory(files, fileOf);
    }

    private static Map<String, String> weightMap(Path index) {
        Map<String, String> fileOf = new LinkedHashMap<>();
        try {
            JsonNode map = JSON.readTree(Files.readAllBytes(index)).path("weight_map");
            if (!map.isObject() || map.isEmpty()) {
                throw SafetensorsHeader.damaged(index, "it has no weight_map");
            }
            map.forEachEntry((tensor, file) -> fileOf.put(tensor, plainName(index, file)));
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(index, e);
        } catch (JacksonException e) {
            throw SafetensorsHeader.damaged(index, "it is not JSON: " + e.getOriginalMessage());
        }
        return fileOf;
    }

    /** An index may name files beside it and nothing else: a stranger's index could point anywhere. */
    private static String plainName(Path index, JsonNode file) {
        String name = file.isString() ? file.asString() : "";
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors")) {
            throw SafetensorsHeader.damaged(index, "it names " + file + ", which is not beside it");
        }
        return name;
    }

    /** The tensors' names, file by file. */
    public List<String> names() {
        return List.copyOf(fileOf.keySet());
    }

    /** What the header says of a tensor, where there is one of that name. */
    public Optional<TensorEntry> find(String name) {
        return Optional.ofNullable(fileOf.get(name)).flatMap(f -> f.find(name));
    }

    /** What the header says of a tensor. */
    public TensorEntry entry(String name) {
        return fileWith(name).entry(name);
    }

    /** A tensor's bytes, as {@link SafetensorsFile#data}. */
    public MemorySegment data(String name) {
        return fileWith(name).data(name);
    }

    /** The bytes of several tensors, as {@link SafetensorsFile#adjacent}; none where they are in several files. */
    public Optional<MemorySegment> adjacent(List<String> names) {
        SafetensorsFile file = fileWith(names.getFirst());
        boolean together = names.stream().allMatch(name -> fileWith(name) == file);
        return together ? file.adjacent(names) : Optional.empty();
    }

    private SafetensorsFile fileWith(String name) {
        return fileOf.getOrDefault(name, files.getFirst());
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
