package dev.cria.cli;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import dev.cria.model.LlamaVariant;
import dev.cria.model.Presets;
import dev.cria.model.RopeScaling;
import dev.cria.train.Recipe;
import dev.cria.tune.TuningRecipe;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * docs/keys.md, made of the records that configurations are read into: their components are the keys, the defaults are
 * theirs, and the meaning and the range stand in the Javadoc beside each component, before and after a semicolon.
 */
final class KeysPage {
    private static final Path SOURCES = Path.of("src/main/java/dev/cria");
    private static final String BEGINNING = """
        # Configuration keys

        Every key of the YAML files that `--config` reads and `--set KEY=VALUE` changes, with its default. A key that is left
        out has the default; an unknown key is refused. This page is made from the records that configurations are read into
        (`train/Recipe.java`, `tune/TuningRecipe.java`); after changing one, run `mvn -pl core test -Dtest=KeysPageTest -Dkeys=write`.
        """;

    /** A key and all that is known of it. */
    record Key(String path, Object initial, String range, String meaning) {}

    /** What the Javadoc of a record says of each component. */
    private final Map<String, Map<String, String>> tags = new HashMap<>();

    KeysPage() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Path> sources = new ArrayList<>();
        for (String room : List.of("model", "optim", "parallel", "train", "tune")) {
            try (Stream<Path> files = Files.list(SOURCES.resolve(room))) {
                sources.addAll(
                        files.filter(file -> file.toString().endsWith(".java")).toList());
            }
        }
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            var task = (JavacTask)
                    compiler.getTask(null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(sources));
            DocTrees docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                collect(unit, docs);
            }
        }
    }

    private void collect(CompilationUnitTree unit, DocTrees docs) {
        new TreePathScanner<Void, String>() {
            @Override
            public Void visitClass(ClassTree type, String outer) {
                String name = outer.isEmpty()
                        ? unit.getPackageName() + "." + type.getSimpleName()
                        : outer + "$" + type.getSimpleName();
                DocCommentTree doc = docs.getDocCommentTree(getCurrentPath());
                if (doc != null) {
                    Map<String, String> told = tags.computeIfAbsent(name, _ -> new HashMap<>());
                    doc.getBlockTags().stream()
                            .filter(ParamTree.class::isInstance)
                            .map(ParamTree.class::cast)
                            .forEach(tag -> told.put(tag.getName().toString(), text(tag.getDescription())));
                }
                return super.visitClass(type, name);
            }
        }.scan(unit, "");
    }

    private static String text(List<? extends DocTree> parts) {
        return parts.stream()
                .map(part ->
                        part instanceof LiteralTree code ? "`" + code.getBody().getBody() + "`" : part.toString())
                .collect(Collectors.joining())
                .replaceAll("\\s+", " ")
                .strip();
    }

    String text() {
        StringBuilder page = new StringBuilder(BEGINNING);
        page.append("\n## `pretrain`, `plan` and `bench`\n");
        append(page, keys(Recipe.defaults()));
        page.append("\n## `model`: LLaMA and its kin\n\nPresets: ")
                .append(Presets.names().stream().map(name -> "`" + name + "`").collect(Collectors.joining(", ")))
                .append(". The defaults are those of `dmas-1.7b`; without a preset the sizes are required. Other keys"
                        + " of Hugging Face's config.json are read and have no effect, or are refused."
                        + " `model.qk_norm: true` norms queries and keys of a LLaMA head by head; its files call"
                        + " it Qwen3, which is the same.\n");
        append(page, modelKeys("dmas-1.7b"));
        page.append("\n## `model`: GPT-2\n\nWith `model_type: gpt2` or a preset of it; the defaults are those of"
                + " `gpt2-124m`.\n");
        append(page, modelKeys("gpt2-124m"));
        page.append("\n## `tune`\n");
        append(page, keys(TuningRecipe.defaults()));
        return page.toString();
    }

    private static void append(StringBuilder page, List<Key> keys) {
        page.append("\n| key | default | range | meaning |\n| --- | --- | --- | --- |\n");
        for (Key key : keys) {
            page.append("| `%s` | %s | %s | %s |\n"
                    .formatted(key.path(), shown(key.initial()), key.range().replace("|", "\\|"), key.meaning()));
        }
    }

    private static String shown(Object value) {
        return switch (value) {
            case Optional<?> optional -> optional.map(KeysPage::shown).orElse("null");
            case Map<?, ?> map when map.isEmpty() -> "none";
            case List<?> list when list.isEmpty() -> "none";
            case OptionalInt none when none.isEmpty() -> "null";
            case RopeScaling.None _ -> "null";
            case String text when text.isEmpty() -> "none";
            case Double number ->
                "`"
                        + (number == Math.rint(number) && number < 1e6
                                ? "%.1f".formatted(number)
                                : String.valueOf(number).toLowerCase(Locale.ROOT))
                        + "`";
            case Enum<?> constant -> "`" + constant.name().toLowerCase(Locale.ROOT) + "`";
            default -> "`" + value + "`";
        };
    }

    /** The keys of a configuration, those of a section together. */
    List<Key> keys(Record defaults) {
        List<Key> keys = new ArrayList<>();
        collect("", defaults, keys);
        return keys;
    }

    /** The keys of a model, those of its configuration in Hugging Face's config.json. */
    List<Key> modelKeys(String preset) {
        Record config = (Record) Presets.resolve(Map.of("preset", preset), 1024);
        return Arrays.stream(config.getClass().getRecordComponents())
                .flatMap(component -> value(component, config) instanceof LlamaVariant variant
                        ? Arrays.stream(LlamaVariant.class.getRecordComponents())
                                .map(inner -> key("model." + snake(inner.getName()), inner, value(inner, variant)))
                        : Stream.of(key("model." + snake(component.getName()), component, value(component, config))))
                .toList();
    }

    private void collect(String prefix, Record section, List<Key> keys) {
        for (RecordComponent component : section.getClass().getRecordComponents()) {
            String path = prefix + snake(component.getName());
            Object value = value(component, section);
            if (value instanceof Record inner) {
                collect(path + ".", inner, keys);
            } else {
                keys.add(key(path, component, value));
            }
        }
    }

    private Key key(String path, RecordComponent component, Object value) {
        String told = tags.getOrDefault(component.getDeclaringRecord().getName(), Map.of())
                .getOrDefault(component.getName(), "");
        int semicolon = told.indexOf(';');
        String meaning = semicolon < 0 ? told : told.substring(0, semicolon);
        String range = component.getType().isEnum()
                ? Arrays.stream(component.getType().getEnumConstants())
                        .map(constant -> "`" + constant.toString().toLowerCase(Locale.ROOT) + "`")
                        .collect(Collectors.joining(", "))
                : component.getType() == boolean.class
                        ? "`true`, `false`"
                        : semicolon < 0 ? "" : told.substring(semicolon + 1).strip();
        return new Key(path, value, range, meaning);
    }

    private static Object value(RecordComponent component, Record section) {
        try {
            return component.getAccessor().invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static String snake(String name) {
        return name.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }
}
