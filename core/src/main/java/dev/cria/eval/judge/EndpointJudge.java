package dev.cria.eval.judge;

import dev.cria.WorkException;
import dev.cria.eval.judge.ChatEndpoint.Answer;
import dev.cria.eval.judge.Rubric.Unreadable;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model behind an OpenAI-compatible endpoint as the judge. Each passage is asked about once: scores are kept on disk
 * under a hash of the whole question, so a judging that was interrupted goes on where it was. An answer that is not
 * exactly the six scores is sent back with the reason, up to {@value #REPAIRS} times.
 */
public final class EndpointJudge implements Judge, AutoCloseable {
    private static final int REPAIRS = 2;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ChatEndpoint endpoint;
    private final String model;
    private final JudgeCache cache;
    private Usage usage = Usage.NONE;

    /**
     * @param endpoint address up to {@code /v1}, or of {@code /chat/completions} itself
     * @param apiKey sent as a bearer token
     * @param cache directory, made if need be
     */
    public EndpointJudge(URI endpoint, String model, Optional<String> apiKey, Path cache) {
        this(new ChatEndpoint(endpoint, apiKey, Thread::sleep), model, cache);
    }

    EndpointJudge(ChatEndpoint endpoint, String model, Path cache) {
        this.endpoint = endpoint;
        this.model = model;
        this.cache = new JudgeCache(cache);
    }

    @Override
    public String name() {
        return model;
    }

    /** Tokens and requests so far. */
    public Usage usage() {
        return usage;
    }

    @Override
    public Scores score(Passage passage) {
        ObjectNode question = question(passage);
        Optional<Scores> known = cache.find(question);
        if (known.isPresent()) {
            usage = usage.afterCached();
            return known.get();
        }
        Scores scores = ask(question.deepCopy(), passage);
        cache.keep(question, scores);
        return scores;
    }

    private Scores ask(ObjectNode question, Passage passage) {
        for (int repairs = 0; ; repairs++) {
            Answer answer = endpoint.ask(question, () -> usage = usage.afterRequest());
            usage = usage.afterAnswer(answer.promptTokens(), answer.completionTokens());
            try {
                return Rubric.read(answer.content());
            } catch (Unreadable problem) {
                if (repairs == REPAIRS) {
                    throw new WorkException(
                            "%s gave no scores for passage %s after %d attempts: %s"
                                    .formatted(model, passage.id(), repairs + 1, problem.reason()),
                            "try another --judge-model; the scores of other passages are cached",
                            problem);
                }
                ArrayNode messages = (ArrayNode) question.get("messages");
                messages.add(message("assistant", answer.content()));
                messages.add(message("user", Rubric.complaint(problem)));
            }
        }
    }

    private ObjectNode question(Passage passage) {
        ObjectNode body = JSON.createObjectNode().put("model", model).put("temperature", 0);
        body.putObject("response_format").put("type", "json_object");
        body.putArray("messages")
                .add(message("system", Rubric.instructions()))
                .add(message("user", Rubric.question(passage)));
        return body;
    }

    private static ObjectNode message(String role, String content) {
        return JSON.createObjectNode().put("role", role).put("content", content);
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
