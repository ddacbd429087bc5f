package dev.cria.tune;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.FatalTemplateErrorsException;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import dev.cria.RequestException;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tune.Message.Role;
import dev.cria.tune.Spans.Span;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Jinja template that a model's tokenizer carries, rendered as transformers' {@code apply_chat_template} does. The
 * literals of special tokens, in the template or in a message, become their ids.
 */
final class ChatTemplate implements Template {
    private static final long LONGEST_OUTPUT = 16L << 20;
    private static final JsonMapper JSON = new JsonMapper();

    private final Jinjava engine;
    private final String template;
    private final Map<String, Object> constants;
    private final Tokenizer tokenizer;

    private ChatTemplate(String template, Map<String, Object> constants, Tokenizer tokenizer) {
        this.engine = engine();
        this.template = JinjaWhitespace.resolve(template);
        this.constants = constants;
        this.tokenizer = tokenizer;
    }

    /** The template among a tokenizer's files. */
    static ChatTemplate of(Tokenizer tokenizer) {
        String template = text(tokenizer)
                .orElseThrow(() -> new RequestException(
                        "the model's tokenizer has no chat_template", "--set data.template=vicuna_v1.1"));
        return new ChatTemplate(template, constants(config(tokenizer)), tokenizer);
    }

    /** Whether there is one among a tokenizer's files. */
    static boolean isIn(Tokenizer tokenizer) {
        return text(tokenizer).isPresent();
    }

    private static JsonNode config(Tokenizer tokenizer) {
        return JSON.readTree(new String(
                tokenizer.files().getOrDefault("tokenizer_config.json", bytes("{}")), StandardCharsets.UTF_8));
    }

    private static Optional<String> text(Tokenizer tokenizer) {
        return Optional.ofNullable(tokenizer.files().get("chat_template.jinja"))
                .map(file -> new String(file, StandardCharsets.UTF_8))
                .or(() -> inConfig(config(tokenizer).path("chat_template")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** One template, or the default of several with names. */
    private static Optional<String> inConfig(JsonNode node) {
        if (node.isArray()) {
            return node.valueStream()
                    .filter(entry -> entry.path("name").asString("").equals("default"))
                    .map(entry -> entry.path("template").asString(""))
                    .findFirst();
        }
        return node.isString() ? Optional.of(node.stringValue()) : Optional.empty();
    }

    private static Map<String, Object> constants(JsonNode config) {
        Map<String, Object> constants = new HashMap<>();
        for (String name : List.of("bos_token", "eos_token", "pad_token", "unk_token")) {
            JsonNode token = config.path(name);
            JsonNode literal = token.isObject() ? token.path("content") : token;
            if (literal.isString()) {
                constants.put(name, literal.stringValue());
            }
        }
        return constants;
    }

    private static Jinjava engine() {
        Jinjava engine = new Jinjava(JinjavaConfig.newBuilder()
                // What stands in a message is text, even if it looks like a template.
                .withNestedInterpretationEnabled(false)
                .withMaxOutputSize(LONGEST_OUTPUT)
                .withLegacyOverrides(LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withIterateOverMapKeys(true)
                        .withUsePyishObjectMapper(true)
                        .withUseNaturalOperatorPrecedence(true)
                        .build())
                .build());
        var functions = engine.getGlobalContext();
        functions.registerFunction(
                new ELFunctionDefinition("", "raise_exception", ChatTemplate.class, "refuse", String.class));
        functions.registerFunction(
                new ELFunctionDefinition("", "strftime_now", ChatTemplate.class, "today", String.class));
        return engine;
    }

    /** What a template calls to refuse a conversation. */
    public static Object refuse(String why) {
        throw new RequestException(
                "the chat template refuses the conversation: " + why, "look at the order of the roles in the row");
    }

    /** Today in the form of a few of strftime's letters. */
    public static String today(String format) {
        String pattern = format.replace("%d", "dd")
                .replace("%b", "MMM")
                .replace("%B", "MMMM")
                .replace("%Y", "yyyy")
                .replace("%m", "MM");
        return LocalDate.now(ZoneId.systemDefault()).format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
    }

    @Override
    public Example encode(List<Message> conversation) {
        String whole = render(conversation, Ending.ANSWERED);
        List<Span> answers = new ArrayList<>();
        for (int i = 0; i < conversation.size(); i++) {
            if (conversation.get(i).role() == Role.ASSISTANT) {
                String before = render(conversation.subList(0, i), Ending.ASKED);
                String after = render(conversation.subList(0, i + 1), Ending.ANSWERED);
                if (!after.startsWith(before) || !whole.startsWith(after)) {
                    throw new RequestException(
                            "the chat template writes earlier turns differently when later ones follow",
                            "split the conversations into rows of one answer, or --set data.template=vicuna_v1.1");
                }
                answers.add(Spans.of(whole, before.length(), after.length()));
            }
        }
        return Spans.label(tokenizer.encodeWithSpecial(whole), answers, tokenizer);
    }

    @Override
    public int[] prompt(List<Message> conversation) {
        return tokenizer.encodeWithSpecial(promptText(conversation));
    }

    @Override
    public String promptText(List<Message> conversation) {
        return render(conversation, Ending.ASKED);
    }

    /** Whether the text ends where an answer should begin. */
    private enum Ending {
        ASKED,
        ANSWERED
    }

    private String render(List<Message> conversation, Ending ending) {
        Map<String, Object> context = new HashMap<>(constants);
        List<Map<String, Object>> messages = new ArrayList<>();
        for (Message message : conversation) {
            messages.add(Map.of("role", message.role().word(), "content", message.content()));
        }
        context.put("messages", messages);
        context.put("add_generation_prompt", ending == Ending.ASKED);
        try {
            RenderResult result = engine.renderForResult(template, context);
            if (!result.getErrors().isEmpty()) {
                throw refused(result.getErrors().getFirst());
            }
            return result.getOutput();
        } catch (FatalTemplateErrorsException e) {
            throw failed(String.valueOf(e.getMessage()), -1);
        }
    }

    /** What {@code raise_exception} said, where that was it; the engine wraps it. */
    private static RequestException refused(TemplateError error) {
        return Stream.<Throwable>iterate(error.getException(), Objects::nonNull, Throwable::getCause)
                .filter(RequestException.class::isInstance)
                .map(RequestException.class::cast)
                .findFirst()
                .orElseGet(() -> failed(error.getMessage(), error.getLineno()));
    }

    private static RequestException failed(String message, int line) {
        return new RequestException(
                "the model's chat_template cannot be rendered" + (line > 0 ? " (line " + line + ")" : "") + ": "
                        + message.lines().findFirst().orElse(""),
                "--set data.template=vicuna_v1.1, or simplify the template");
    }
}
