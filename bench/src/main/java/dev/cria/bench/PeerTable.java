package dev.cria.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The table of {@code scripts/compare-peers}: a row a case, the best step of all rounds of each program, the best peer,
 * Cria's ratio to it, and Cria's share of the highest peak of bfloat16 products that any of the programs saw in that case.
 */
public final class PeerTable {
    private static final String CRIA = "Cria";

    private final List<Line> lines;

    /** What one program did in one round of a case. */
    private record Line(String name, String program, JsonNode result) {
        static Line parse(String json) {
            JsonNode node = new JsonMapper().readTree(json);
            return new Line(node.get("case").asString(), node.get("program").asString(), node.get("result"));
        }

        Optional<String> skipped() {
            return Optional.ofNullable(result.get("skipped")).map(JsonNode::asString);
        }

        /** {@code PyTorch 2.13.0 bf16}. */
        String column() {
            return isCria() ? CRIA : text("peer") + " " + text("compute");
        }

        boolean isCria() {
            return program.equals("cria");
        }

        private String text(String key) {
            return result.get(key).asString();
        }

        double tokensPerSecond() {
            JsonNode figure = result.get("tokens_per_s");
            return figure.isObject() ? figure.get("best").asDouble() : figure.asDouble();
        }

        OptionalDouble peak() {
            JsonNode peaks = result.get("gemm_gflops");
            return peaks == null
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(peaks.get("bf16").asDouble());
        }
    }

    PeerTable(List<String> json) {
        this.lines = json.stream().filter(s -> !s.isBlank()).map(Line::parse).toList();
    }

    /** @param arguments the file of results, a line of JSON each */
    public static void main(String[] arguments) throws IOException {
        System.out.print(new PeerTable(Files.readAllLines(Path.of(arguments[0]))).toMarkdown());
    }

    String toMarkdown() {
        List<String> columns = measured()
                .map(Line::column)
                .distinct()
                .sorted(PeerTable::criaFirst)
                .toList();
        var text = new StringBuilder();
        List<String> head = new ArrayList<>(List.of("tokens/s, best of rounds"));
        head.addAll(columns);
        head.addAll(List.of("best peer", "Cria / best peer", "bf16 peak, GFLOP/s", "Cria's share of it"));
        row(text, head);
        row(text, head.stream().map(_ -> "---").toList());
        measured().map(Line::name).distinct().forEach(name -> row(text, cells(name, columns)));
        skipped()
                .forEach((what, why) ->
                        text.append("\nskipped: ").append(what).append(": ").append(why));
        return text.append(skipped().isEmpty() ? "" : "\n").toString();
    }

    private Stream<Line> measured() {
        return lines.stream().filter(line -> line.skipped().isEmpty());
    }

    private static int criaFirst(String a, String b) {
        return a.equals(CRIA) || b.equals(CRIA) ? Boolean.compare(b.equals(CRIA), a.equals(CRIA)) : a.compareTo(b);
    }

    private List<String> cells(String name, List<String> columns) {
        List<Line> rows = measured().filter(line -> line.name().equals(name)).toList();
        Map<String, Double> best = new LinkedHashMap<>();
        rows.forEach(line -> best.merge(line.column(), line.tokensPerSecond(), Math::max));
        List<String> cells = new ArrayList<>(List.of(name + rounds(rows)));
        columns.forEach(column -> cells.add(best.containsKey(column) ? "%,.0f".formatted(best.get(column)) : ""));
        Optional<Double> cria = Optional.ofNullable(best.remove(CRIA));
        Optional<Map.Entry<String, Double>> peer = best.entrySet().stream().max(Map.Entry.comparingByValue());
        double peak = rows.stream()
                .flatMapToDouble(line -> line.peak().stream())
                .max()
                .orElse(0);
        double flops = rows.stream()
                .filter(Line::isCria)
                .mapToDouble(line -> line.result().get("flops_per_token").asDouble())
                .max()
                .orElse(0);
        boolean both = cria.isPresent() && peer.isPresent();
        cells.add(peer.map(Map.Entry::getKey).orElse(""));
        cells.add(both ? "%.2f".formatted(cria.get() / peer.get().getValue()) : "");
        cells.add(peak > 0 ? "%,.0f".formatted(peak) : "");
        cells.add(cria.isPresent() && peak > 0 ? "%.0f%%".formatted(100 * flops * cria.get() / peak / 1e9) : "");
        return cells;
    }

    /** {@code , 5 rounds}: the most lines that a program has. */
    private static String rounds(List<Line> rows) {
        long most = rows.stream().collect(Collectors.groupingBy(Line::column, Collectors.counting())).values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        return String.format(Locale.ROOT, most == 1 ? ", %d round" : ", %d rounds", most);
    }

    /** Programs that no line has a figure of, and why. */
    private Map<String, String> skipped() {
        var ran = measured().map(Line::program).collect(Collectors.toCollection(TreeSet::new));
        Map<String, String> skipped = new LinkedHashMap<>();
        for (Line line : lines) {
            if (!ran.contains(line.program())) {
                skipped.put(line.program(), line.skipped().orElseThrow());
            }
        }
        return skipped;
    }

    private static void row(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
