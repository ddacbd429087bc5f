package dev.cria.eval.series;

import dev.cria.WorkException;
import dev.cria.eval.BenchmarkResult;
import dev.cria.eval.DocumentScore;
import dev.cria.eval.EvaluationReport;
import dev.cria.eval.Question;
import dev.cria.format.AtomicFiles;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gzipped JSON lines, one a document: what a model made of each, as {@code --samples} writes it, with what its
 * log-likelihoods are divided by; or what each asks. Equal contents are equal bytes.
 */
public final class DocumentFile {
    private static final JsonMapper JSON = JsonMapper.shared();

    private DocumentFile() {}

    static void write(Path file, BenchmarkResult result) {
        write(file, result.documents().stream().map(score -> EvaluationReport.sample(result.benchmark(), score)
                .set("lengths", JSON.valueToTree(score.lengths()))
                .set("bytes", JSON.valueToTree(score.bytes()))));
    }

    static void writeQuestions(Path file, List<Question> questions) {
        write(file, questions.stream().map(JSON::<ObjectNode>valueToTree));
    }

    private static void write(Path file, Stream<ObjectNode> lines) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (var out =
                new BufferedWriter(new OutputStreamWriter(new GZIPOutputStream(bytes), StandardCharsets.UTF_8))) {
            for (ObjectNode line : (Iterable<ObjectNode>) lines::iterator) {
                out.write(line.toString());
                out.write('\n');
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(file, e);
        }
        AtomicFiles.write(file, bytes.toByteArray());
    }

    /** The scores of a file, in the order of the documents. */
    public static List<DocumentScore> read(Path file) {
        return read(
                file,
                line -> new DocumentScore(
                        line.path("doc").asInt(),
                        line.path("gold").asInt(),
                        line.path("lls").valueStream().map(JsonNode::asDouble).toList(),
                        line.path("lengths").valueStream().map(JsonNode::asInt).toList(),
                        line.path("bytes").valueStream().map(JsonNode::asInt).toList()));
    }

    /** The questions of a file, in the order of the documents. */
    public static List<Question> readQuestions(Path file) {
        return read(file, line -> JSON.treeToValue(line, Question.class));
    }

    private static <T> List<T> read(Path file, Function<JsonNode, T> reader) {
        List<T> read = new ArrayList<>();
        try (var in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                read.add(reader.apply(JSON.readTree(line)));
            }
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            throw new WorkException(
                    file + " cannot be read: " + e.getMessage(),
                    "rm " + file + ", then ./cria eval RUN --all measures it again",
                    e);
        }
        return read;
    }
}
