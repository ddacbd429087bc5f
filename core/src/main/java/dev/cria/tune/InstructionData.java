package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.tune.InstructionRow.Conversation;
import dev.cria.tune.InstructionRow.Tokenized;
import dev.cria.tune.InstructionRow.Unanswered;
import dev.cria.tune.TuningRecipe.LossOn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rows to tune on, as ids and labels, in the order of the files.
 *
 * @param ofEachFile how many of them each file has
 */
record InstructionData(List<Example> rows, List<Integer> ofEachFile, Left left) {

    /**
     * What of the files is not tuned on.
     *
     * @param unanswered rows whose answer is empty
     * @param openEnded rows that go on after their last answer, and lost that
     * @param cut rows that were longer than the model may see and lost their end
     * @param dropped rows of which nothing that has a loss was left
     */
    record Left(int unanswered, int openEnded, int cut, int dropped) {
        private static final Left NOTHING = new Left(0, 0, 0, 0);

        private Left and(Left other) {
            return new Left(
                    unanswered + other.unanswered,
                    openEnded + other.openEnded,
                    cut + other.cut,
                    dropped + other.dropped);
        }

        private String describe() {
            return (unanswered > 0 ? "; " + unanswered + " with an empty answer left out" : "")
                    + (openEnded > 0 ? "; " + openEnded + " without what follows their last answer" : "")
                    + (cut > 0 ? "; " + cut + " too long and cut" : "")
                    + (dropped > 0 ? "; " + dropped + " dropped, nothing of the answer was left" : "");
        }
    }

    /**
     * Encodes the rows of files.
     *
     * @param template puts conversations together; none where all rows are token ids
     * @param vocabulary ids from here on are refused
     */
    static InstructionData of(
            List<List<InstructionRow>> files,
            Optional<Template> template,
            LossOn lossOn,
            int maxLength,
            int vocabulary) {
        List<Example> kept = new ArrayList<>();
        List<Integer> ofEachFile = new ArrayList<>();
        Left left = Left.NOTHING;
        for (List<InstructionRow> file : files) {
            InstructionData one = ofFile(file, template, lossOn, maxLength, vocabulary);
            kept.addAll(one.rows);
            ofEachFile.add(one.rows.size());
            left = left.and(one.left);
        }
        if (kept.isEmpty()) {
            int all = files.stream().mapToInt(List::size).sum();
            throw new RequestException(
                    "none of the " + all + " rows has a token with a loss within " + maxLength + " tokens",
                    "--set data.max_length=" + 2 * maxLength);
        }
        return new InstructionData(List.copyOf(kept), List.copyOf(ofEachFile), left);
    }

    private static InstructionData ofFile(
            List<InstructionRow> all, Optional<Template> template, LossOn lossOn, int maxLength, int vocabulary) {
        List<InstructionRow> rows =
                all.stream().filter(row -> !(row instanceof Unanswered)).toList();
        List<Example> encoded =
                rows.parallelStream().map(row -> encode(row, template, lossOn)).toList();
        List<Example> kept = new ArrayList<>();
        int cut = 0;
        for (int i = 0; i < encoded.size(); i++) {
            Example example = encoded.get(i);
            requireKnown(example, vocabulary, i);
            boolean tooLong = example.length() > maxLength;
            cut += tooLong ? 1 : 0;
            Example fitting = tooLong ? example.cut(maxLength) : example;
            if (fitting.targets() > 0) {
                kept.add(fitting);
            }
        }
        int openEnded = (int) rows.stream()
                .filter(row -> row instanceof Conversation c && c.goesOn())
                .count();
        var left = new Left(all.size() - rows.size(), openEnded, cut, rows.size() - kept.size());
        return new InstructionData(kept, List.of(kept.size()), left);
    }

    private static Example encode(InstructionRow row, Optional<Template> template, LossOn lossOn) {
        return switch (row) {
            case Tokenized(var example, var labelled) -> {
                if (!labelled && lossOn == LossOn.RESPONSE) {
                    throw new RequestException(
                            "a row of input_ids has no labels, and the loss is on the response",
                            "give labels, -100 where there is no loss, or --set data.loss_on=all");
                }
                yield example;
            }
            case Unanswered() -> throw new IllegalStateException("rows without an answer are left out before");
            case Conversation conversation -> {
                Example example = encode(
                        conversation,
                        template.orElseThrow(() -> new RequestException(
                                "rows of text need a tokenizer, and the model's directory has no tokenizer.json",
                                "--set tokenizer=gpt2, or another directory with tokenizer.json")));
                yield lossOn == LossOn.ALL ? example.onAll() : example;
            }
        };
    }

    private static Example encode(Conversation row, Template template) {
        try {
            return template.encode(row.messages(), row.variables());
        } catch (RequestException e) {
            throw new RequestException(row.where() + ": " + e.getMessage(), e.hint());
        }
    }

    private static void requireKnown(Example example, int vocabulary, int row) {
        for (int id : example.ids()) {
            if (id < 0 || id >= vocabulary) {
                throw new RequestException(
                        "row " + (row + 1) + " has token id " + id + ", and the model knows " + vocabulary,
                        "use the tokenizer that the model was trained with");
            }
        }
        for (int i = 0; i < example.length(); i++) {
            int label = example.labels()[i];
            if (label != Example.IGNORED && (label < 0 || label >= vocabulary)) {
                throw new RequestException(
                        "row " + (row + 1) + " has label " + label + ", neither -100 nor below " + vocabulary,
                        "labels are aligned with input_ids; -100 has no loss");
            }
        }
    }

    /** A line for the first screen of a run. */
    String describe() {
        long tokens = rows.stream().mapToLong(Example::length).sum();
        long targets = rows.stream().mapToLong(Example::targets).sum();
        String line = "%d rows, %d tokens, %d with a loss".formatted(rows.size(), tokens, targets);
        return line + left.describe();
    }

    /** A line for each of several files: how much of a round comes from it. */
    List<String> describe(List<String> files, RowOrder order) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < (files.size() > 1 ? files.size() : 0); i++) {
            lines.add("%5.1f%%  %s: %d places of a round, %d rows"
                    .formatted(
                            100.0 * order.shares().get(i) / order.round(),
                            files.get(i),
                            order.shares().get(i),
                            ofEachFile.get(i)));
        }
        return lines;
    }
}
