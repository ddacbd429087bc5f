package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Isolated("it stands in for the process's standard streams")
final class WrongArgumentsTest {
    private static final String EXAMPLE_OF_A_PROMPT =
            "--prompt \"Once upon a time\"; a text that begins with dashes goes" + " after --: --prompt -- \"--help\"";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        generate m --prompt x --temprature 0 | unknown option --temprature | did you mean --temperature?
        generate m --prompt --temprature 0 | --prompt needs a text, and --temprature follows |
        generate m --prompt | --prompt needs a text, and nothing follows |
        generate m --prompt x --zzz | unknown option --zzz | ./cria generate --help
        tune --model m --data a.json --perview 1 | unknown option --perview | did you mean --preview?
        pretrain --out --resume r | --out needs a value | ./cria pretrain --help
        pretrain --set --resume r | --set needs a value | ./cria pretrain --help
        generate --max-new-tokens 3 | MODEL is missing | ./cria generate --help
        merge | --model, --out, ADAPTER_DIR are missing | ./cria merge --help
        export m --ouT x | unknown option --ouT | did you mean --out?
        prepare a.txt --zzz | unknown option --zzz | ./cria prepare --help
        merge --modle=m a | unknown option --modle | did you mean --model?
        genrate | unknown command genrate | did you mean generate?
        tokenizer inof | unknown command inof | did you mean info?
        watch r --every soon | --every is soon, not a number | ./cria watch --help
        generate m --prompt x --seed 1.5 | --seed is 1.5, not a whole number | ./cria generate --help
        export m --out x --format pdf | --format is pdf, not one of hf, gguf | ./cria export --help
        tokenizer info a --tokenizer b | two tokenizers are named: a and b | ./cria tokenizer info a
        help nope | nope is not a command of cria | ./cria --help
        """)
    void refusalsNameTheArgumentAsTyped(String line, String error, String hint) {
        CommandRun run = CommandRun.of((Object[]) line.split(" "));

        assertThat(run.code()).isEqualTo(Main.REQUEST_WRONG);
        assertThat(run.err())
                .isEqualTo("error: %s\nhint: %s\n".formatted(error, hint == null ? EXAMPLE_OF_A_PROMPT : hint));
    }

    @Test
    void aPromptThatTookTheModelIsNamed() throws Exception {
        Path model = Files.createDirectory(folder.resolve("run"));

        CommandRun run = CommandRun.of("generate", "--prompt", "Hello", model);

        assertThat(run.err())
                .isEqualTo("error: MODEL is missing: --prompt takes all words that follow it, " + model + " too\n"
                        + "hint: ./cria generate " + model + " --prompt \"Once upon a time\"\n");
    }

    @Test
    void helpPrintsWhatTheOptionPrints() {
        assertThat(CommandRun.output("help", "tokenizer", "train"))
                .isEqualTo(CommandRun.output("tokenizer", "train", "--help"));
        assertThat(CommandRun.output("help")).isEqualTo(CommandRun.output("--help"));
    }
}
