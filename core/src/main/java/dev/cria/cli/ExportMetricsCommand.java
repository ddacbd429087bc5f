package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.Csv;
import dev.cria.format.WandbFile;
import dev.cria.run.MetricRows;
import dev.cria.run.RunFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code cria export-metrics}: a run's numbers for other people's dashboards. */
@Command(
        name = "export-metrics",
        description = "Writes all numbers of a run, one row a step, for spreadsheets and other dashboards.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "wandb writes run-ID.wandb into a directory, a run that was made without a network; `wandb sync` uploads"
                    + " it.",
            "Its metrics are named train/, val/ and eval/. Nothing is sent anywhere by Cria.",
            "",
            "Examples:",
            "  ./cria export-metrics runs/nano --format csv --out nano.csv",
            "  ./cria export-metrics runs/nano --format wandb --out nano-wandb"
        })
final class ExportMetricsCommand implements Callable<Integer> {
    private static final JsonMapper JSON = new JsonMapper();
    private static final YAMLMapper YAML = new YAMLMapper();

    /** The values of {@code --format}. */
    enum Format {
        CSV,
        JSONL,
        WANDB
    }

    @Parameters(paramLabel = "RUN", description = "Run directory.")
    private Path run = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "csv|jsonl|wandb",
            defaultValue = "csv",
            description = "Format (default: ${DEFAULT-VALUE}).")
    private Format format = Format.CSV;

    @Option(
            names = "--out",
            paramLabel = "PATH",
            description = "File, or directory for wandb (default: standard output; RUN/wandb).")
    private Optional<Path> out = Optional.empty();

    @Override
    public Integer call() {
        if (!Files.isRegularFile(run.resolve(RunFiles.METRICS))) {
            throw new RequestException(
                    "run " + run + " has no " + RunFiles.METRICS, "give what pretrain wrote, such as runs/nano");
        }
        MetricRows rows = MetricRows.of(new RunFiles(run));
        switch (format) {
            case CSV -> write(csv(rows));
            case JSONL -> write(lines(new ArrayList<>(rows.rows().values())));
            case WANDB -> writeWandb(rows, out.orElse(run.resolve("wandb")));
        }
        return 0;
    }

    private void write(String text) {
        out.ifPresentOrElse(file -> AtomicFiles.write(file, text), () -> System.out.print(text));
    }

    private static String csv(MetricRows rows) {
        List<String> columns = rows.columns();
        StringBuilder csv = new StringBuilder(Csv.row(columns)).append('\n');
        for (Map<String, Object> row : rows.rows().values()) {
            List<String> cells = columns.stream()
                    .map(column -> Objects.toString(row.get(column), ""))
                    .toList();
            csv.append(Csv.row(cells)).append('\n');
        }
        return csv.toString();
    }

    private static String lines(List<Map<String, Object>> rows) {
        return rows.stream().map(row -> JSON.writeValueAsString(row) + "\n").collect(Collectors.joining());
    }

    private void writeWandb(MetricRows rows, Path directory) {
        String name = String.valueOf(run.toAbsolutePath().normalize().getFileName());
        String id = "%08x".formatted(run.toAbsolutePath().normalize().toString().hashCode());
        Map<String, String> config = new LinkedHashMap<>();
        YAML.readTree(run.resolve(RunFiles.CONFIG))
                .forEachEntry((key, value) -> config.put(key, JSON.writeValueAsString(value)));
        try (WandbFile file = WandbFile.create(directory.resolve("run-" + id + ".wandb"))) {
            file.run(id, "cria", name, config);
            rows.rows().forEach((step, row) -> file.history(step, json(wandb(row))));
            file.summary(json(wandb(rows.summary())));
        }
    }

    private static Map<String, String> json(Map<String, Object> row) {
        Map<String, String> json = new LinkedHashMap<>();
        row.forEach((key, value) -> json.put(key, JSON.writeValueAsString(value)));
        return json;
    }

    /** A row under the names that Weights & Biases groups its panels by. */
    private static Map<String, Object> wandb(Map<String, Object> row) {
        Map<String, Object> named = new LinkedHashMap<>();
        row.forEach((key, value) -> named.put(
                switch (key) {
                    case "step" -> "_step";
                    case "elapsed_s" -> "_runtime";
                    case "val_loss" -> "val/loss";
                    default -> key.contains("/") ? "eval/" + key : "train/" + key;
                },
                value));
        return named;
    }
}
