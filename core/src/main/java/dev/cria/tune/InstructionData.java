package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.tune.InstructionRow.Conversation;
import dev.cria.tune.InstructionRow.Tokenized;
import dev.cria.tune.TuningRecipe.LossOn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rows to tune on, as ids and labels, in the order of the files.
 *
 * @param cut rows that were longer than the model may see and lost their end
 * @param dropped rows of which nothing that has a loss was left
 */
record InstructionData(List<Example> rows, int cut, int dropped) {

    /**
     * Encodes the rows of files.
     *
     * @param template puts conversations together; none where all rows are token ids
     * @param vocabulary ids from here on are refused
     */
    static InstructionData of(
            List<InstructionRow> rows, Optional<Template> template, LossOn lossOn, int maxLength, int vocabulary) {
        List<Example> encoded =
                rows.parallelStream().map(row -> encode(row, template, lossOn)).toList();
        List<Example> kept = new ArrayList<>();
        int cut = 0;
        int dropped = 0;
        for (int i = 0; i < encoded.size(); i++) {
            Example example = encoded.get(i);
            requireKnown(example, vocabulary, i);
            boolean tooLong = example.length() > maxLength;
            cut += tooLong ? 1 : 0;
            Example fitting = tooLong ? example.cut(maxLength) : example;
            if (fitting.targets() > 0) {
                kept.add(fitting);
            } else {
                dropped++;
            }
        }
        if (kept.isEmpty()) {
            throw new RequestException(
                    "none of the " + rows.size() + " rows has a token with a loss within " + maxLength + " tokens",
                    "--set data.max_length=" + 2 * maxLength);
        }
        return new InstructionData(List.copyOf(kept), cut, dropped);
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
            case Conversation(var messages) -> {
                Example example = template.orElseThrow(() -> new RequestException(
                                "rows of text need a tokenizer, and the model's directory has no tokenizer.json",
                                "--set tokenizer=gpt2, or another directory with tokenizer.json"))
                        .encode(messages);
                yield lossOn == LossOn.ALL ? example.onAll() : example;
            }
        };
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
        return line
                + (cut > 0 ? "; " + cut + " too long and cut" : "")
                + (dropped > 0 ? "; " + dropped + " dropped, nothing of the answer was left" : "");
    }
}
