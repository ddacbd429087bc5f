package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizer.Encoded;
import dev.cria.tokenizer.TokenizerPipe.Literals;
import dev.cria.tune.Message.Role;
import dev.cria.tune.Spans.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Vicuna 1.1: {@code SYSTEM USER: … ASSISTANT: …<end>USER: … ASSISTANT: …<end>}. Nothing is stripped, and a literal
 * end token within a message stays ordinary text.
 *
 * <p>No space follows {@code ASSISTANT:} in a prompt. GPT-2's tokens carry the space in front of their word, so a
 * prompt that ends with a space is one that no training row ever had.
 *
 * @see "FastChat, conversation template vicuna_v1.1"
 */
record Vicuna(String separator, Tokenizer tokenizer) implements Template {
    static final String SYSTEM = "A chat between a curious user and an artificial intelligence assistant. "
            + "The assistant gives helpful, detailed, and polite answers to the user's questions.";

    @Override
    public Example encode(List<Message> conversation, Map<String, Object> variables) {
        if (!variables.isEmpty()) {
            throw noPlaceFor(String.join(", ", variables.keySet()));
        }
        List<Example> turns = new ArrayList<>();
        turns.add(Spans.label(new Encoded(begin(), begin()), List.of()));
        for (Turn turn : turns(conversation)) {
            String text = turn.prompt() + " " + turn.answer();
            var answer = new Span(turn.prompt().length(), text.length());
            turns.add(Spans.label(tokenizer.encodeWithStarts(text, Literals.ORDINARY_TEXT), List.of(answer)));
            turns.add(endOfTurn());
        }
        return joined(turns);
    }

    /** What the tokenizer puts before a text. */
    private int[] begin() {
        return tokenizer.roles().frame().before();
    }

    private Example endOfTurn() {
        int[] end = {endToken()};
        return new Example(end, end);
    }

    private int endToken() {
        return tokenizer
                .endOfText()
                .orElseThrow(() -> new RequestException(
                        "the tokenizer has no token that ends a text, and template vicuna_v1.1 needs one",
                        "name eos_token in tokenizer_config.json"));
    }

    private static Example joined(List<Example> turns) {
        return new Example(
                turns.stream().flatMapToInt(t -> Arrays.stream(t.ids())).toArray(),
                turns.stream().flatMapToInt(t -> Arrays.stream(t.labels())).toArray());
    }

    /** A prompt from after the previous answer, and its answer, empty for the last one of a conversation under way. */
    private record Turn(String prompt, String answer) {}

    private List<Turn> turns(List<Message> conversation) {
        List<Turn> turns = new ArrayList<>();
        StringBuilder prompt = new StringBuilder(system(conversation)).append(separator);
        boolean asked = false;
        for (Message message : conversation) {
            if (message.calls()) {
                throw noPlaceFor("calls of tools");
            }
            switch (message.role()) {
                case TOOL -> throw noPlaceFor("messages of tools");
                case SYSTEM -> {}
                case USER -> {
                    prompt.append("USER: ").append(message.content()).append(separator);
                    asked = true;
                }
                case ASSISTANT -> {
                    turns.add(new Turn(prompt + "ASSISTANT:", message.content()));
                    prompt.setLength(0);
                    asked = false;
                }
            }
        }
        if (asked) {
            turns.add(new Turn(prompt + "ASSISTANT:", ""));
        }
        return turns;
    }

    private static RequestException noPlaceFor(String what) {
        return new RequestException(
                "template vicuna_v1.1 has no place for " + what, "--set data.template=chat_template");
    }

    private static String system(List<Message> conversation) {
        List<String> words = conversation.stream()
                .filter(m -> m.role() == Role.SYSTEM)
                .map(Message::content)
                .toList();
        if (words.size() > 1) {
            throw noPlaceFor("a second message of the system");
        }
        return words.isEmpty() ? SYSTEM : words.getFirst();
    }

    @Override
    public int[] prompt(List<Message> conversation) {
        List<Turn> turns = turns(conversation);
        IntStream ids = IntStream.of(begin());
        for (Turn turn : turns.subList(0, turns.size() - 1)) {
            int[] whole = tokenizer.encode(turn.prompt() + " " + turn.answer());
            ids = IntStream.concat(ids, IntStream.concat(Arrays.stream(whole), IntStream.of(endToken())));
        }
        int[] last = tokenizer.encode(turns.getLast().prompt());
        return IntStream.concat(ids, Arrays.stream(last)).toArray();
    }

    @Override
    public String promptText(List<Message> conversation) {
        String end = tokenizer.decode(new int[] {endToken()});
        List<Turn> turns = turns(conversation);
        StringBuilder text = new StringBuilder();
        for (Turn turn : turns.subList(0, turns.size() - 1)) {
            text.append(turn.prompt()).append(' ').append(turn.answer()).append(end);
        }
        return text.append(turns.getLast().prompt()).toString();
    }
}
