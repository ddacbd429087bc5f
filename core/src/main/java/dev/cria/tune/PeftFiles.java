package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.TensorEntry;
import dev.cria.model.LlamaConfig;
import dev.cria.model.Models;
import dev.cria.model.TensorFiles;
import dev.cria.model.TensorFiles.Layout;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Adapters in the layout of Hugging Face's PEFT: {@code adapter_config.json} and {@code adapter_model.safetensors}. What
 * is read is refused where it asks for more than plain LoRA, since leaving it out would give wrong answers silently.
 */
public final class PeftFiles {
    private static final String CONFIG = "adapter_config.json";
    private static final String STEM = "adapter_model";
    private static final TensorFiles TENSORS = new TensorFiles(Layout.LINEAR);
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private PeftFiles() {}

    /** The adapters of a directory, made for a model. The caller closes them. */
    public static Adapters load(Path directory, LlamaConfig model, Device device, Storage storage) {
        JsonNode config = config(directory);
        int rank = config.path("r").asInt(0);
        double alpha = config.path("lora_alpha").asDouble(0);
        refuseUnless(
                rank > 0 && alpha > 0,
                directory,
                "r is " + config.path("r") + " and lora_alpha " + config.path("lora_alpha") + ", not above 0");
        refuseWhatIsNotPlain(config, directory);
        double scale = config.path("use_rslora").asBoolean(false) ? alpha / Math.sqrt(rank) : alpha / rank;
        Set<String> modules = adapted(directory, model, rank);
        Adapters adapters = Adapters.allocate(model, rank, scale, modules::contains, device, storage);
        try {
            read(adapters, directory);
            return adapters;
        } catch (RuntimeException e) {
            adapters.close();
            throw e;
        }
    }

    /** Where an adapter is, if a path means one: the directory itself, or a tuning run. */
    public static Optional<Path> find(Path runOrAdapter) {
        return Stream.of(runOrAdapter, runOrAdapter.resolve("adapter"))
                .filter(directory -> Files.isRegularFile(directory.resolve(CONFIG)))
                .findFirst();
    }

    /** The model that an adapter says it was made for. */
    public static Path base(Path adapter) {
        String name = config(adapter).path("base_model_name_or_path").asString("");
        Path base = Path.of(name);
        if (name.isEmpty() || !Files.isDirectory(base)) {
            throw new RequestException(
                    adapter + " was made for '" + name + "', which is no directory here",
                    "./cria merge " + adapter + " --model DIR --out DIR, and name what that writes");
        }
        return base;
    }

    private static JsonNode config(Path directory) {
        Path file = directory.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw new RequestException(
                    directory + " is no adapter: it has no " + CONFIG, "name RUN/adapter, or another PEFT directory");
        }
        try {
            return JSON.readTree(file);
        } catch (JacksonException e) {
            throw new RequestException(file + " is not JSON: " + e.getOriginalMessage(), "take the adapter again");
        }
    }

    private static void refuseWhatIsNotPlain(JsonNode config, Path directory) {
        String type = config.path("peft_type").asString("LORA");
        refuseUnless(type.equals("LORA"), directory, "peft_type is " + type + ", not LORA");
        String bias = config.path("bias").asString("none");
        refuseUnless(bias.equals("none"), directory, "bias is " + bias + ", not none");
        refuseUnless(!config.path("use_dora").asBoolean(false), directory, "use_dora is true");
        refuseUnless(!config.path("fan_in_fan_out").asBoolean(false), directory, "fan_in_fan_out is true");
        for (String key : List.of("modules_to_save", "rank_pattern", "alpha_pattern")) {
            JsonNode value = config.path(key);
            boolean empty = value.isNull() || value.isMissingNode() || value.isContainer() && value.isEmpty();
            refuseUnless(empty, directory, key + " is " + value + ", not empty");
        }
    }

    /** The projections that the file has adapters of; every tensor must belong to one and be of its size. */
    private static Set<String> adapted(Path directory, LlamaConfig model, int rank) {
        try (var files = SafetensorsDirectory.open(directory, STEM)) {
            Set<String> names = new HashSet<>(files.names());
            Set<String> modules = new HashSet<>();
            for (Adapters.Module module : Adapters.modules(model)) {
                boolean a = names.remove(module.weightA());
                boolean b = names.remove(module.weightB());
                if (a != b) {
                    throw new WorkException(
                            directory + " has only one half of the adapter of " + module.name(),
                            "take the adapter again");
                }
                if (a) {
                    requireShape(directory, files.entry(module.weightA()), rank, module.inputs());
                    requireShape(directory, files.entry(module.weightB()), module.outputs(), rank);
                    modules.add(module.name());
                }
            }
            if (!names.isEmpty()) {
                throw new WorkException(
                        directory + " has "
                                + names.stream().sorted().findFirst().orElseThrow()
                                + ", which is no adapter of a projection of this model",
                        "name the model that the adapter was made for");
            }
            refuseUnless(!modules.isEmpty(), directory, "it adapts no projection");
            return modules;
        }
    }

    private static void requireShape(Path directory, TensorEntry entry, long rows, long columns) {
        if (!Arrays.equals(entry.shape(), new long[] {rows, columns})) {
            throw new WorkException(
                    "%s: %s has shape %s where r and the model make it [%d, %d]"
                            .formatted(directory, entry.name(), Arrays.toString(entry.shape()), rows, columns),
                    "take adapter_config.json and the weights from the same adapter, and name its model");
        }
    }

    private static void refuseUnless(boolean holds, Path directory, String problem) {
        if (!holds) {
            throw new RequestException(
                    directory.resolve(CONFIG) + ": " + problem, "use an adapter of plain LoRA; see docs/tuning.md");
        }
    }

    /** Fills adapters with the numbers of a directory. */
    static void read(Adapters adapters, Path directory) {
        TENSORS.read(directory, STEM, adapters.parameters(), Models::weights, UnaryOperator.identity());
        adapters.parameters().refreshValues();
    }

    /**
     * Writes both files, in float32.
     *
     * @param base what the adapters were made for, as PEFT's readers look for it
     * @param weights gives the numbers of each parameter, which may be a snapshot
     * @return the files written
     */
    static List<Path> write(
            Adapters adapters, Lora lora, String base, Path directory, Function<Parameter, Tensor> weights) {
        Path config = directory.resolve(CONFIG);
        AtomicFiles.write(config, JSON.writeValueAsString(keys(lora, base)) + "\n");
        List<Path> written = new ArrayList<>(List.of(config));
        written.addAll(TENSORS.write(directory, STEM, adapters.parameters(), weights, DType.FLOAT32));
        return written;
    }

    /** Copies an adapter's files, the configuration last: where it is, all is there. */
    static void copy(Path from, Path to) {
        try (var files = Files.newDirectoryStream(from, STEM + "*")) {
            for (Path file : files) {
                AtomicFiles.copy(file, to.resolve(file.getFileName()));
            }
            AtomicFiles.copy(from.resolve(CONFIG), to.resolve(CONFIG));
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(to, e);
        }
    }

    private static Map<String, Object> keys(Lora lora, String base) {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("peft_type", "LORA");
        keys.put("task_type", "CAUSAL_LM");
        keys.put("base_model_name_or_path", base);
        keys.put("r", lora.rank());
        keys.put("lora_alpha", lora.alpha() == Math.rint(lora.alpha()) ? (Number) (long) lora.alpha() : lora.alpha());
        keys.put("lora_dropout", lora.dropout());
        keys.put("target_modules", lora.targets());
        keys.put("bias", "none");
        keys.put("fan_in_fan_out", false);
        keys.put("inference_mode", true);
        keys.put("init_lora_weights", true);
        keys.put("use_rslora", false);
        keys.put("use_dora", false);
        return keys;
    }
}
