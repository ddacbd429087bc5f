package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.generate.Completion;
import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.generate.TokenListener.Next;
import dev.cria.tokenizer.StreamingDecoder;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tune.Message.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A conversation with a model. When question and answer do not fit its positions any more, the oldest turns are
 * forgotten, the system's words never.
 */
public final class Conversation {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Generator generator;
    private final Tokenizer tokenizer;
    private final Template template;
    private final int positions;
    private final List<Message> messages = new ArrayList<>();
    private long turns;

    /** @param positions of the model */
    public Conversation(Generator generator, Tokenizer tokenizer, Template template, int positions) {
        this.generator = generator;
        this.tokenizer = tokenizer;
        this.template = template;
        this.positions = positions;
    }

    /** What has been said and is still remembered. */
    public List<Message> messages() {
        return List.copyOf(messages);
    }

    /** Forgets everything but the system's words. */
    public void reset() {
        messages.removeIf(m -> m.role() != Role.SYSTEM);
    }

    /** Begins anew with other words of the system. */
    public void system(String words) {
        messages.clear();
        messages.add(new Message(Role.SYSTEM, words));
    }

    /**
     * What was answered.
     *
     * @param forgotten questions that were forgotten to make room, with their answers
     */
    public record Answer(String text, int tokens, Completion.Stop stop, int forgotten) {}

    /**
     * Asks, and remembers question and answer.
     *
     * @param options how to answer; the seed is moved on by one for each turn
     * @param shown takes the answer piece by piece
     * @param cancelled asked after every token; the answer ends where it says true
     */
    public Answer ask(String question, GenerateOptions options, Consumer<String> shown, BooleanSupplier cancelled) {
        messages.add(Message.user(question));
        long before = questions();
        int[] prompt = fitting(options.maxNewTokens());
        int forgotten = (int) (before - questions());
        var decoder = new StreamingDecoder(tokenizer);
        StringBuilder answer = new StringBuilder();
        Consumer<String> both = piece -> {
            answer.append(piece);
            shown.accept(piece);
        };
        int room = Math.min(options.maxNewTokens(), positions - prompt.length);
        Completion made = generator
                .generate(prompt, options.withLimit(room).withSeed(options.seed() + turns), (_, id) -> {
                    both.accept(decoder.accept(id));
                    return cancelled.getAsBoolean() ? Next.STOP : Next.CONTINUE;
                })
                .getFirst();
        both.accept(decoder.finish());
        turns++;
        messages.add(Message.assistant(answer.toString().strip()));
        return new Answer(messages.getLast().content(), made.ids().length, made.stop(), forgotten);
    }

    private long questions() {
        return messages.stream().filter(m -> m.role() == Role.USER).count();
    }

    /** The prompt, after forgetting what leaves no room for an answer of a quarter of the positions. */
    private int[] fitting(int maxNewTokens) {
        int room = Math.min(maxNewTokens, Math.max(1, positions / 4));
        int[] prompt = template.prompt(messages);
        while (prompt.length + room > positions) {
            if (!forgetOldestTurn()) {
                Message question = messages.removeLast();
                throw new RequestException(
                        "the question has about " + tokenizer.encode(question.content()).length
                                + " tokens, and the model has " + positions + " positions for question and answer",
                        "ask in fewer words");
            }
            prompt = template.prompt(messages);
        }
        return prompt;
    }

    /** Drops the oldest question and its answer; false if only the newest question is left. */
    private boolean forgetOldestTurn() {
        int first = 0;
        while (messages.get(first).role() == Role.SYSTEM) {
            first++;
        }
        if (first >= messages.size() - 1) {
            return false;
        }
        messages.remove(first);
        while (messages.get(first).role() == Role.ASSISTANT) {
            messages.remove(first);
        }
        return true;
    }

    /** A message as files have it. */
    private record Spoken(String role, String content) {}

    /** Writes the conversation as a row of {@code messages}, which tuning can read again. */
    public void save(Path file) {
        List<Spoken> rows = messages.stream()
                .map(m -> new Spoken(m.role().word(), m.content()))
                .toList();
        AtomicFiles.write(file, JSON.writeValueAsString(Map.of("messages", rows)) + "\n");
    }
}
