package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.model.SmallDirectories;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.tune.Message.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The expected texts are those of Jinja 2 with trim_blocks and lstrip_blocks, as transformers sets it up. */
final class ChatTemplateTest {
    private static final String LLAMA3 = "{% set loop_messages = messages %}{% for message in loop_messages %}"
            + "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
            + "+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}"
            + "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";
    private static final String CHATML = "{%- for message in messages %}\n"
            + "    {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}\n"
            + "{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\n' }}\n{%- endif %}";
    private static final String ZEPHYR = "{% for message in messages %}\n{% if message['role'] == 'user' %}\n"
            + "{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n"
            + "{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n"
            + "{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n"
            + "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}";
    private static final String NAMESPACE = "{%- set ns = namespace(found=false, n=0) -%}\n"
            + "{%- for message in messages -%}\n  {%- if message['role'] == 'user' and not ns.found -%}\n"
            + "    {%- set ns.found = true -%}{%- set ns.n = loop.index -%}\n  {%- endif -%}\n{%- endfor -%}\n"
            + "{{ ns.n }} {{ messages[-1]['content'] | trim }} {{ messages|length }} "
            + "{% if tools is defined and tools %}T{% else %}no tools{% endif %} "
            + "{{ 'x' if messages[0].content is string else 'y' }} "
            + "{{ messages | selectattr('role', 'equalto', 'user') | list | length }} "
            + "{% macro f(x) %}<{{ x }}>{% endmacro %}{{ f('a') }}";

    private static final List<Message> ASKED = List.of(
            new Message(Role.SYSTEM, " Be nice. "),
            Message.user("Hi <b>&\"q\" {{ 3 }} "),
            Message.assistant("Hello\n"),
            Message.user("  more?"));

    @TempDir
    Path folder;

    private Template template(String jinja) throws IOException {
        return Template.named("chat_template", tokenizer(jinja));
    }

    private Tokenizer tokenizer(Object template) throws IOException {
        Tokenizers.save(SmallDirectories.TOKENIZER, folder);
        Map<String, Object> config =
                Map.of("chat_template", template, "bos_token", "<s>", "eos_token", Map.of("content", "<|endoftext|>"));
        Files.writeString(folder.resolve("tokenizer_config.json"), new JsonMapper().writeValueAsString(config));
        return Tokenizers.load(folder);
    }

    private static Map<String, String> named(String name, String template) {
        return Map.of("name", name, "template", template);
    }

    @Test
    void rendersAsTransformersDoes() throws IOException {
        assertThat(template(LLAMA3).promptText(ASKED))
                .isEqualTo("<s><|start_header_id|>system<|end_header_id|>\n\nBe nice.<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>\n\nHi <b>&\"q\" {{ 3 }}<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>\n\nmore?<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n");
        assertThat(template(CHATML).promptText(ASKED))
                .isEqualTo("<|im_start|>system\n Be nice. <|im_end|>\n<|im_start|>user\nHi <b>&\"q\" {{ 3 }} <|im_end|>"
                        + "\n<|im_start|>assistant\nHello\n<|im_end|>\n<|im_start|>user\n  more?<|im_end|>\n"
                        + "<|im_start|>assistant\n");
        assertThat(template(ZEPHYR).promptText(ASKED).replace("<|endoftext|>", "</s>"))
                .isEqualTo(
                        "<|system|>\n Be nice. </s>\n<|user|>\nHi <b>&\"q\" {{ 3 }} </s>\n<|assistant|>\nHello\n</s>\n"
                                + "<|user|>\n  more?</s>\n<|assistant|>\n");
        assertThat(template(NAMESPACE).promptText(ASKED)).isEqualTo("2 more? 4 no tools x 2 <a>");
    }

    @Test
    void everyAnswerAndItsEndHaveALoss() throws IOException {
        Template template = template(ZEPHYR);
        List<Message> answered = new java.util.ArrayList<>(ASKED);
        answered.add(Message.assistant("No."));
        Example example = template.encode(answered);
        int[] learned = Arrays.stream(example.labels()).filter(l -> l >= 0).toArray();
        assertThat(SmallDirectories.TOKENIZER.decode(learned)).contains("Hello").contains("No.<|endoftext|>");
        assertThat(SmallDirectories.TOKENIZER.decode(learned))
                .doesNotContain("more")
                .doesNotContain("nice");
        int end = SmallDirectories.TOKENIZER.endOfText().orElseThrow();
        assertThat(Arrays.stream(example.ids()).filter(id -> id == end)).hasSize(5);
        assertThat(Arrays.stream(learned).filter(id -> id == end)).hasSize(2);
    }

    @Test
    void whatATemplateRefusesIsTold() throws IOException {
        Template template = template("{{ raise_exception('roles must alternate') }}");
        assertThatThrownBy(() -> template.promptText(ASKED))
                .isInstanceOf(RequestException.class)
                .hasMessage("the chat template refuses the conversation (line 1): roles must alternate");
        assertThatThrownBy(() -> template("a\n{{ messages.x.y }}").promptText(ASKED))
                .isInstanceOf(RequestException.class)
                .hasMessage("the model's chat_template cannot be rendered (line 2): 'list' has no 'x'");
        assertThatThrownBy(() -> template("a\n{% if %}"))
                .isInstanceOf(RequestException.class)
                .hasMessage("the model's chat_template cannot be parsed (line 2): expected an expression, not '%}'");
    }

    @Test
    void oneOfSeveralTemplatesIsChosenByItsName() throws IOException {
        Tokenizer several = tokenizer(List.of(named("default", "d{{ tools }}"), named("rag", "r{{ eos_token }}")));
        assertThat(Template.named("chat_template", several).promptText(ASKED)).isEqualTo("dNone");
        assertThat(Template.named("chat_template:rag", several).promptText(ASKED))
                .isEqualTo("r<|endoftext|>");
        assertThatThrownBy(() -> Template.named("chat_template:tool_use", several))
                .isInstanceOf(RequestException.class)
                .hasMessage("the tokenizer has no chat template named tool_use, but default, rag");
        Tokenizer without = tokenizer(List.of(named("rag", "r"), named("tool_use", "t")));
        assertThatThrownBy(() -> Template.named("chat_template", without))
                .isInstanceOf(RequestException.class)
                .hasMessage("the tokenizer has no chat template named default, but rag, tool_use");
    }

    @Test
    void aTemplateThatRewritesEarlierTurnsMayMarkItsAnswers() throws IOException {
        String rewriting = "{% for m in messages %}{% if m.role == 'assistant' %}<a>"
                + "{% generation %}{{ m.content if loop.last else '…' }}<|endoftext|>{% endgeneration %}"
                + "{% else %}<u>{{ m.content }}{% endif %}{% endfor %}";
        List<Message> turns = List.of(
                Message.user("one"), Message.assistant("first"), Message.user("two"), Message.assistant("last"));
        Example example = template(rewriting).encode(turns);
        int[] learned = Arrays.stream(example.labels()).filter(l -> l >= 0).toArray();
        assertThat(SmallDirectories.TOKENIZER.decode(learned)).isEqualTo("…<|endoftext|>last<|endoftext|>");
        String unmarked = rewriting.replace("{% generation %}", "").replace("{% endgeneration %}", "");
        assertThatThrownBy(() -> template(unmarked).encode(turns))
                .isInstanceOf(RequestException.class)
                .hasMessage("the chat template writes earlier turns differently when later ones follow");
    }

    @Test
    void anAnswerThatNothingStandsBeforeIsToldWhereTheTemplateNeedsSomething() throws IOException {
        List<Message> turns = List.of(Message.assistant("first"), Message.user("two"), Message.assistant("last"));
        assertThat(template(CHATML).encode(turns).targets()).isPositive();
        assertThatThrownBy(() -> template("{{ messages[0].role }}" + CHATML).encode(turns))
                .isInstanceOf(RequestException.class)
                .hasMessage("the conversation begins with an answer, and the chat template writes no prompt for it");
    }

    @Test
    void aTokenizerWithoutTemplateIsRefused() {
        assertThatThrownBy(() -> Template.named("chat_template", SmallDirectories.TOKENIZER))
                .isInstanceOf(RequestException.class)
                .hasMessage("the model's tokenizer has no chat_template");
        assertThatThrownBy(() -> Template.named("vicuna", SmallDirectories.TOKENIZER))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("data.template is vicuna, not vicuna_v1.1");
    }
}
