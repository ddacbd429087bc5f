package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.template.Jinja;
import dev.cria.template.Jinja.Rendering;
import dev.cria.template.TemplateException;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.TokenizerPipe.Literals;
import dev.cria.tune.Message.Role;
import dev.cria.tune.Spans.Span;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Jinja template that a model's tokenizer carries, rendered as transformers' {@code apply_chat_template} does. The
 * literals of special tokens, in the template or in a message, become their ids.
 */
final class ChatTemplate implements Template {
    private final Jinja template;
    private final Map<String, Object> constants;
    private final Tokenizer tokenizer;

    private ChatTemplate(Jinja template, Map<String, Object> constants, Tokenizer tokenizer) {
        this.template = template;
        this.constants = constants;
        this.tokenizer = tokenizer;
    }

    /** The template of a name among a tokenizer's files. */
    static ChatTemplate of(String name, Tokenizer tokenizer) {
        TemplateFile file = TemplateFile.of(tokenizer);
        Map<String, Object> constants = new HashMap<>(Map.of("tools", Jinja.NONE, "documents", Jinja.NONE));
        constants.putAll(file.tokens());
        String text = file.named(name);
        try {
            return new ChatTemplate(Jinja.parse(text), constants, tokenizer);
        } catch (TemplateException e) {
            throw refused(e, "be parsed");
        }
    }

    /** Whether there is one among a tokenizer's files. */
    static boolean isIn(Tokenizer tokenizer) {
        return !TemplateFile.of(tokenizer).templates().isEmpty();
    }

    @Override
    public Example encode(List<Message> conversation, Map<String, Object> variables) {
        Rendering whole = render(conversation, variables, Ending.ANSWERED);
        List<Span> answers = marked(whole)
                .or(() -> answers(conversation, variables, whole.text()))
                .orElseThrow(() -> new RequestException(
                        "the chat template writes earlier turns differently when later ones follow",
                        "split the conversations into rows of one answer, or " + ANOTHER));
        return Spans.label(tokenizer.encodeWithStarts(whole.text(), Literals.SPECIAL_TOKENS), answers);
    }

    /** What each answer adds to the text before it, where every text begins with the one before. */
    private Optional<List<Span>> answers(List<Message> conversation, Map<String, Object> variables, String whole) {
        List<Span> answers = new ArrayList<>();
        for (int i = 0; i < conversation.size(); i++) {
            if (conversation.get(i).role() == Role.ASSISTANT) {
                String before = before(conversation.subList(0, i), variables);
                String after = render(conversation.subList(0, i + 1), variables, Ending.ANSWERED)
                        .text();
                if (!after.startsWith(before) || !whole.startsWith(after)) {
                    return Optional.empty();
                }
                answers.add(new Span(before.length(), after.length()));
            }
        }
        return Optional.of(answers);
    }

    /** The text up to an answer. Few templates write one that nothing stands before. */
    private String before(List<Message> asked, Map<String, Object> variables) {
        try {
            return render(asked, variables, Ending.ASKED).text();
        } catch (RequestException e) {
            if (!asked.isEmpty()) {
                throw e;
            }
            throw new RequestException(
                    "the conversation begins with an answer, and the chat template writes no prompt for it",
                    "leave the first answer out, or put a question before it");
        }
    }

    /** What the template itself marks by {@code {% generation %}}, where it does; transformers' mask of the assistant. */
    private static Optional<List<Span>> marked(Rendering whole) {
        List<Span> marked = whole.generated().stream()
                .map(span -> new Span(span.from(), span.to()))
                .toList();
        return marked.isEmpty() ? Optional.empty() : Optional.of(marked);
    }

    @Override
    public int[] prompt(List<Message> conversation) {
        return tokenizer.encodeWithSpecial(promptText(conversation));
    }

    @Override
    public String promptText(List<Message> conversation) {
        return render(conversation, Map.of(), Ending.ASKED).text();
    }

    /** Whether the text ends where an answer should begin. */
    enum Ending {
        ASKED,
        ANSWERED
    }

    Rendering render(List<Message> conversation, Map<String, Object> variables, Ending ending) {
        Map<String, Object> all = new HashMap<>(constants);
        all.putAll(variables);
        all.put("messages", conversation.stream().map(ChatTemplate::seen).toList());
        all.put("add_generation_prompt", ending == Ending.ASKED);
        try {
            return template.render(all, Clock.systemDefaultZone());
        } catch (TemplateException e) {
            throw refused(e, "be rendered");
        }
    }

    private static Map<String, Object> seen(Message message) {
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("role", message.role().word());
        seen.putAll(message.fields());
        return seen;
    }

    private static RequestException refused(TemplateException e, String what) {
        if (e.raised()) {
            return new RequestException(
                    "the chat template refuses the conversation (line " + e.line() + "): " + e.reason(),
                    "look at the order of the roles in the row");
        }
        return new RequestException(
                "the model's chat_template cannot " + what + " (line " + e.line() + "): " + e.reason(), ANOTHER);
    }
}
