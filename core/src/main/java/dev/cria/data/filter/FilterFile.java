package dev.cria.data.filter;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Pipelines of filters as YAML: a list in which each entry is a filter's name and the thresholds that differ from the
 * published ones. {@code fineweb} is built in, as such a file.
 */
public final class FilterFile {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** What a filter is called, and its published thresholds, which also tell the keys that there are. */
    private static final Map<String, DocumentFilter> STANDARDS = standards();

    private static final String EDU_SCORE = "edu_score";

    private FilterFile() {}

    private static Map<String, DocumentFilter> standards() {
        Map<String, DocumentFilter> standards = new LinkedHashMap<>();
        for (DocumentFilter filter : List.of(
                Language.STANDARD,
                GopherRepetition.STANDARD,
                GopherQuality.STANDARD,
                C4Lines.STANDARD,
                FineWebQuality.STANDARD)) {
            standards.put(filter.name(), filter);
        }
        return standards;
    }

    /**
     * The pipeline that {@code --filters} names.
     *
     * @param name {@code none}, {@code fineweb}, or else a file
     * @throws RequestException if the file has an unknown filter or key, naming those there are
     */
    public static FilterChain named(String name) {
        return switch (name) {
            case "none" -> FilterChain.NONE;
            case "fineweb" -> parse("fineweb", fineWeb());
            default -> parse(name, read(Path.of(name)));
        };
    }

    private static String fineWeb() {
        try (InputStream in = FilterFile.class.getResourceAsStream("fineweb.yaml")) {
            return new String(
                    Objects.requireNonNull(in, "fineweb.yaml is not in the jar").readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(Path file) {
        if (!Files.exists(file)) {
            throw new RequestException(
                    "--filters " + file + " is not there", "--filters none, --filters fineweb, or a YAML file");
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    static FilterChain parse(String name, String yaml) {
        JsonNode root = tree(name, yaml);
        if (!root.isArray()) {
            throw new RequestException(name + " is not a list of filters", "- gopher_quality: {min_words: 50}");
        }
        List<DocumentFilter> filters = new ArrayList<>();
        for (JsonNode entry : root) {
            if (entry.isString()) {
                filters.add(filter(name, entry.asString(), YAML.createObjectNode()));
            } else if (entry.isObject() && entry.size() == 1) {
                Map.Entry<String, JsonNode> only = entry.properties().iterator().next();
                filters.add(filter(name, only.getKey(), only.getValue()));
            } else {
                throw new RequestException(
                        name + " has the entry " + entry + ", which is not one filter",
                        "- gopher_quality: {min_words: 50}");
            }
        }
        return new FilterChain(filters);
    }

    private static JsonNode tree(String name, String yaml) {
        try {
            return YAML.readTree(yaml);
        } catch (JacksonException e) {
            throw new RequestException(
                    name + " is not YAML: "
                            + e.getOriginalMessage().lines().findFirst().orElse(""),
                    "compare it with the pipeline in docs/data.md");
        }
    }

    private static DocumentFilter filter(String file, String name, JsonNode thresholds) {
        if (name.equals(EDU_SCORE)) {
            return eduScore(file, thresholds);
        }
        DocumentFilter standard = STANDARDS.get(name);
        if (standard == null) {
            throw new RequestException(
                    file + " names the filter '" + name + "', and there are " + STANDARDS.keySet() + " and "
                            + EDU_SCORE,
                    "correct the name in " + file);
        }
        ObjectNode values = YAML.valueToTree(standard);
        for (Map.Entry<String, JsonNode> threshold : thresholds.properties()) {
            if (!values.has(threshold.getKey())) {
                throw unknownKey(file, name, threshold.getKey(), List.copyOf(values.propertyNames()));
            }
            values.set(threshold.getKey(), threshold.getValue());
        }
        return bind(file, name, values, standard.getClass());
    }

    private static DocumentFilter bind(
            String file, String name, ObjectNode values, Class<? extends DocumentFilter> type) {
        try {
            return YAML.treeToValue(values, type);
        } catch (JacksonException e) {
            throw new RequestException(
                    "%s: %s: %s"
                            .formatted(
                                    file,
                                    name,
                                    e.getOriginalMessage().lines().findFirst().orElse("")),
                    "compare it with the pipeline in docs/data.md");
        }
    }

    private static DocumentFilter eduScore(String file, JsonNode thresholds) {
        for (String key : thresholds.propertyNames()) {
            if (!key.equals("min") && !key.equals("classifier")) {
                throw unknownKey(file, EDU_SCORE, key, List.of("min", "classifier"));
            }
        }
        Optional<LinearClassifier> classifier = thresholds.has("classifier")
                ? Optional.of(LinearClassifier.read(
                        Path.of(thresholds.get("classifier").asString())))
                : Optional.empty();
        return new EduScore(thresholds.path("min").asDouble(3), classifier);
    }

    private static RequestException unknownKey(String file, String filter, String key, List<String> known) {
        return new RequestException(
                "%s: %s has no key '%s'; its keys are %s".formatted(file, filter, key, String.join(", ", known)),
                "correct the key in " + file);
    }

    private record EduScoreKeys(double min, String classifier) {}

    /** A pipeline with all its thresholds as JSON values, for manifests. */
    public static List<Map<String, Object>> describe(FilterChain chain) {
        List<Map<String, Object>> described = new ArrayList<>();
        for (DocumentFilter filter : chain.filters()) {
            Object thresholds = filter instanceof EduScore edu
                    ? new EduScoreKeys(
                            edu.min(),
                            edu.classifier().map(LinearClassifier::fingerprint).orElse("none"))
                    : filter;
            described.add(Map.of(filter.name(), YAML.convertValue(thresholds, Map.class)));
        }
        return described;
    }
}
