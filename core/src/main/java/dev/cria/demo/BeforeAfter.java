package dev.cria.demo;

import dev.cria.Progress;
import dev.cria.demo.ExactMatch.Answer;
import dev.cria.demo.ExactMatch.Question;
import dev.cria.format.AtomicFiles;
import dev.cria.tune.Asked;
import dev.cria.tune.Comparison;
import dev.cria.weights.ModelPlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The model before and after tuning: exact match on questions that no instruction asked, and what {@code compare} makes of
 * the first few of them.
 */
record BeforeAfter(DemoSize size, DemoFiles files, Progress progress) {
    private static final String TEMPLATE = "vicuna_v1.1";
    private static final int MOST_TOKENS = 24;
    /** As many as a reader takes in. */
    private static final int SHOWN = 8;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** A question put to both. */
    private record Row(Question question, Answer before, Answer after) {}

    void run() {
        Path base = ModelPlace.of(files.run());
        List<Question> questions =
                ExactMatch.read(files.primer().resolve("instructions_heldout.jsonl"), size.questions());
        try (OpenModel untuned = OpenModel.open(base);
                OpenModel tuned = OpenModel.open(base, files.tuning().resolve("adapter"))) {
            Asked before = untuned.asked("before tuning", TEMPLATE, MOST_TOKENS);
            Asked after = tuned.asked("after tuning", TEMPLATE, MOST_TOKENS);
            List<Row> rows = asked(questions, before, after);
            write("exact-match.json", JSON.writeValueAsString(exactMatch(rows)));
            progress.say("exact match on %d held-out questions: %d right before tuning, %d after"
                    .formatted(rows.size(), right(rows, Row::before), right(rows, Row::after)));
            List<String> shown =
                    questions.stream().limit(SHOWN).map(Question::instruction).toList();
            write("compare.json", JSON.writeValueAsString(Comparison.of(before, after, shown)));
        }
    }

    private List<Row> asked(List<Question> questions, Asked before, Asked after) {
        List<Row> rows = new ArrayList<>();
        try (Progress.Task task = progress.begin("questions", "answers", 2L * questions.size())) {
            for (Question question : questions) {
                rows.add(new Row(question, ExactMatch.answer(before, question), ExactMatch.answer(after, question)));
                task.advance(2);
            }
        }
        return rows;
    }

    private static long right(List<Row> rows, Function<Row, Answer> which) {
        return rows.stream().map(which).filter(Answer::right).count();
    }

    private static ObjectNode exactMatch(List<Row> rows) {
        ObjectNode json = JSON.createObjectNode().put("questions", rows.size());
        json.put("right_before", right(rows, Row::before)).put("right_after", right(rows, Row::after));
        ArrayNode list = json.putArray("rows");
        for (Row row : rows) {
            ObjectNode node = list.addObject().put("question", row.question().instruction());
            row.question().answers().forEach(node.putArray("true")::add);
            node.put("before", row.before().text())
                    .put("before_right", row.before().right());
            node.put("after", row.after().text()).put("after_right", row.after().right());
        }
        return json;
    }

    private void write(String file, String json) {
        AtomicFiles.write(files.run().resolve(file), json + "\n");
    }
}
