package dev.cria.report;

import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Table I: the architecture, from the checkpoint's own {@code config.json}, beside the paper's. */
final class ModelSection {

    /** A row: what a reader calls it, its names in config.json (LLaMA's, GPT-2's), the paper's value. */
    private record Row(String words, List<String> keys, String paper) {}

    private static final List<Row> ROWS = List.of(
            new Row("Architecture", List.of("architectures"), "LlamaForCausalLM"),
            new Row("Hidden size", List.of("hidden_size", "n_embd"), "2,048"),
            new Row("Intermediate size", List.of("intermediate_size", "n_inner"), "5,120"),
            new Row("Layers", List.of("num_hidden_layers", "n_layer"), "36"),
            new Row("Attention heads", List.of("num_attention_heads", "n_head"), "32"),
            new Row("Key-value heads", List.of("num_key_value_heads"), "8"),
            new Row("Activation", List.of("hidden_act", "activation_function"), "silu"),
            new Row("RMSNorm epsilon", List.of("rms_norm_eps", "layer_norm_epsilon"), "1e-5"),
            new Row("RoPE theta", List.of("rope_theta"), "500,000"),
            new Row("Positions", List.of("max_position_embeddings", "n_positions"), "1,024"),
            new Row("Vocabulary", List.of("vocab_size"), "50,257"),
            new Row("Head tied to embedding", List.of("tie_word_embeddings"), "false"),
            new Row("Biases in attention", List.of("attention_bias"), "false"),
            new Row("Attention dropout", List.of("attention_dropout", "attn_pdrop"), "0"));

    private ModelSection() {}

    static Section of(List<Run> runs) {
        List<Part> parts = runs.getFirst().model().isPresent() ? List.of(new Part.Grid(table(runs))) : List.of();
        return new Section(
                "model",
                "Model",
                "Table I. Every checkpoint is a Hugging Face model directory; this is its config.json.",
                parts,
                "a checkpoint with its config.json");
    }

    private static Table table(List<Run> runs) {
        List<String> columns = new ArrayList<>(List.of("What"));
        runs.forEach(r -> columns.add(r.name()));
        boolean isComparable = runs.getFirst().hasGpt2Vocabulary();
        if (isComparable) {
            columns.add("The paper");
        }
        Table.Builder table = Table.titled("table-1", "Table I. Model", columns);
        for (Row row : ROWS) {
            List<Cell> values = runs.stream()
                    .map(r -> r.model().map(m -> value(m, row)).orElse(Cell.NONE))
                    .toList();
            if (values.stream().anyMatch(v -> v != Cell.NONE)) {
                table.row(with(row.words(), values, isComparable ? List.of(row.paper()) : List.of()));
            }
        }
        table.row(with(
                "Parameters",
                runs.stream()
                        .map(r -> r.architecture()
                                .map(a -> Cell.count(a.parameterCount()))
                                .orElse(Cell.NONE))
                        .toList(),
                isComparable ? List.of("1,716M") : List.of()));
        return table.note("A vocabulary padded for speed counts as padded.").build();
    }

    private static List<Cell> with(String words, List<Cell> values, List<String> paper) {
        List<Cell> row = new ArrayList<>();
        row.add(Cell.of(words));
        row.addAll(values);
        paper.forEach(value -> row.add(Cell.of(value)));
        return row;
    }

    private static Cell value(JsonNode model, Row row) {
        for (String key : row.keys()) {
            JsonNode holder = model.has(key) ? model : model.path("rope_parameters");
            JsonNode value = holder.path(key);
            if (value.isNumber()) {
                double n = value.doubleValue();
                return Cell.of(n, n == Math.rint(n) ? Numbers.count(n) : Numbers.scientific(n));
            }
            Optional<String> text =
                    value.isArray() ? Optional.of(value.path(0).asString("")) : Fields.text(holder, key);
            if (text.isPresent()) {
                return Cell.of(text.get());
            }
        }
        return Cell.NONE;
    }
}
