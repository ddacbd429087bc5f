package dev.cria.report;

import dev.cria.page.Cell;
import dev.cria.page.Mark;
import dev.cria.page.Numbers;
import dev.cria.page.Panel;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/** The model beside n-gram models fitted on the tokens it has seen, all on the same validation tokens. */
final class Baselines {
    static final String FILE = "baselines.json";
    private static final Map<String, String> NAMES = names();

    private Baselines() {}

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("unigram", "unigram");
        names.put("bigram", "bigram");
        names.put("kneser_ney_trigram", "Kneser-Ney trigram");
        names.put("model", "this model");
        return names;
    }

    static Section of(List<Run> runs) {
        String lead =
                "How much better than counting: n-gram models fitted on the very tokens that the model has seen, and"
                        + " the model, on the same validation tokens.";
        List<Part> parts = runs.getFirst()
                .extra(FILE)
                .map(file -> List.<Part>of(new Part.Grid(table(file))))
                .orElse(List.of());
        return new Section("baselines", "N-gram baselines", lead, parts, FILE + " (demo writes it)");
    }

    /** Horizontal lines for the panel of the validation loss. */
    static List<Panel.Level> levels(JsonNode file) {
        return NAMES.entrySet().stream()
                .filter(name -> !name.getKey().equals("model"))
                .flatMap(name -> Fields.number(file, name.getKey()).stream()
                        .mapToObj(nats -> new Panel.Level(name.getValue(), nats, Mark.Stroke.DOTTED)))
                .toList();
    }

    private static Table table(JsonNode file) {
        OptionalDouble bytes = Fields.number(file, "bytes_per_token");
        Table.Builder table = Table.titled(
                "baselines",
                "Validation loss of the model and of n-gram models",
                "Model",
                "Nats a token",
                "Perplexity",
                "Bits a byte");
        for (var name : NAMES.entrySet()) {
            Fields.number(file, name.getKey())
                    .ifPresent(nats -> table.row(
                            Cell.of(name.getValue()),
                            Cell.fixed(nats, 4),
                            Cell.of(Math.exp(nats), Numbers.significant(Math.exp(nats), 4)),
                            Cell.fixed(bitsPerByte(nats, bytes), 4)));
        }
        bytes.ifPresent(b -> table.note("bits a byte = nats a token ÷ ln 2 ÷ " + Numbers.significant(b, 5)
                + " bytes a token of the validation text"));
        return table.build();
    }

    static double bitsPerByte(double nats, OptionalDouble bytesPerToken) {
        return bytesPerToken.isPresent() ? nats / Math.log(2) / bytesPerToken.getAsDouble() : Double.NaN;
    }
}
