package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.UnknownKeys;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.TensorEntry;
import dev.cria.model.LlamaConfig;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import dev.cria.weights.Models;
import dev.cria.weights.TensorFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
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
    private static final TensorFiles TENSORS = TensorFiles.untransposed();
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Ways to begin that leave the base as it is; PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA change it. */
    private static final Set<String> PLAIN_BEGINNINGS = Set.of("gaussian", "eva", "orthogonal");

    private static final List<String> UNSUPPORTED = List.of(
            "modules_to_save",
            "rank_pattern",
            "alpha_pattern",
            "trainable_token_indices",
            "layer_replication",
            "layers_to_transform",
            "layers_pattern",
            "exclude_modules",
            "target_parameters",
            "alora_invocation_tokens",
            "use_qalora",
            "use_bdlora",
            "arrow_config",
            "kasa_config",
            "velora_config",
            "monteclora_config");

    /** Keys that are followed, or that say how the adapter was trained. */
    private static final Set<String> KNOWN = Set.of(
            "peft_type",
            "task_type",
            "auto_mapping",
            "peft_version",
            "base_model_name_or_path",
            "revision",
            "inference_mode",
            "r",
            "target_modules",
            "lora_alpha",
            "lora_dropout",
            "fan_in_fan_out",
            "bias",
            "use_rslora",
            "use_dora",
            "runtime_config",
            "init_lora_weights",
            "lora_bias",
            "megatron_config",
            "megatron_core",
            "loftq_config",
            "eva_config",
            "corda_config",
            "lora_ga_config",
            "qalora_group_size",
            "ensure_weight_tying");

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
        refuseUnknown(config, directory);
        double scale = config.path("use_rslora").asBoolean(false) ? alpha / Math.sqrt(rank) : alpha / rank;
        Set<String> modules = adapted(directory, model, rank);
        requireTargets(config.path("target_modules"), modules, directory);
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
            String model = name.matches("[A-Za-z0-9._-]+/[A-Za-z0-9._-]+") ? "hf://" + name : "DIR";
            throw new RequestException(
                    adapter + " was made for '" + name + "', which is not a directory here",
                    "./cria merge " + adapter + " --model " + model + " --out DIR, and name what that writes");
        }
        return base;
    }

    private static JsonNode config(Path directory) {
        Path file = directory.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw new RequestException(
                    directory + " is not an adapter: it lacks " + CONFIG,
                    "name RUN/adapter, or another PEFT directory");
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
        refuseUnless(!config.path("lora_bias").asBoolean(false), directory, "lora_bias is true");
        JsonNode initialized = config.path("init_lora_weights");
        // Others change the base's weights before they train: on the base as it is they would be wrong.
        boolean keepsBase = !initialized.isString()
                || PLAIN_BEGINNINGS.contains(initialized.stringValue().toLowerCase(Locale.ROOT));
        refuseUnless(keepsBase, directory, "init_lora_weights is " + initialized + ", which changes the base");
        for (String key : UNSUPPORTED) {
            JsonNode value = config.path(key);
            boolean empty = value.isNull()
                    || value.isBoolean() && !value.asBoolean()
                    || value.isMissingNode()
                    || value.isContainer() && value.isEmpty();
            refuseUnless(empty, directory, key + " is " + value + ", not empty");
        }
    }

    private static void refuseUnknown(JsonNode config, Path directory) {
        Map<String, Object> keys = JSON.convertValue(config, new TypeReference<LinkedHashMap<String, Object>>() {});
        keys.keySet().removeAll(UNSUPPORTED);
        UnknownKeys.check(directory.resolve(CONFIG).toString(), keys, KNOWN);
    }

    /** PEFT leaves out what the file holds of other modules; that is told here, for it is rarely meant. */
    private static void requireTargets(JsonNode targets, Set<String> modules, Path directory) {
        Optional<String> left = modules.stream()
                .sorted()
                .filter(module -> !isTarget(targets, module))
                .findFirst();
        refuseUnless(
                left.isEmpty(),
                directory,
                "target_modules is " + targets + ", and the file adapts " + left.orElse("") + " too");
    }

    private static boolean isTarget(JsonNode targets, String module) {
        if (targets.isArray()) {
            return targets.valueStream()
                    .map(target -> target.asString(""))
                    .anyMatch(name -> module.equals(name) || module.endsWith("." + name));
        }
        String pattern = targets.asString("");
        return pattern.isEmpty() || pattern.equals("all-linear") || module.matches(pattern);
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
                                + ", which is not an adapter of a projection of this model",
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
                    directory.resolve(CONFIG) + ": " + problem,
                    "let PEFT merge it into its base and name what that writes: python -c \"from peft import"
                            + " AutoPeftModelForCausalLM as M; M.from_pretrained('%1$s').merge_and_unload()"
                                    .formatted(directory)
                            + ".save_pretrained('%s-merged')\"".formatted(directory));
        }
    }

    /** Fills adapters with the numbers of a directory. */
    static void read(Adapters adapters, Path directory) {
        TENSORS.read(directory, STEM, adapters.parameters(), Models::weights, UnaryOperator.identity());
        adapters.parameters().refreshValues();
    }

    /**
     * Writes both files, in float32; where ranks share the adapters, with room for what each of them is to {@link #fill}.
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

    /** Writes this rank's adapters into the file that {@link #write} has made room in. */
    static void fill(Adapters adapters, Path directory, Function<Parameter, Tensor> weights) {
        TENSORS.fill(directory, STEM, adapters.parameters(), weights, DType.FLOAT32);
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
