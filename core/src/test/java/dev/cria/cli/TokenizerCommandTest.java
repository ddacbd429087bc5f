package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it stands in for the process's standard streams")
final class TokenizerCommandTest {

    @TempDir
    private Path directory;

    @Test
    void encodesAndDecodesOneText() {
        assertThat(run("Hello world", "tokenizer", "encode")).isEqualTo(new Result(0, "15496 995\n", ""));
        assertThat(run("15496 995", "tokenizer", "decode")).isEqualTo(new Result(0, "Hello world", ""));
        assertThat(run("<|endoftext|>", "tokenizer", "encode", "--special").out())
                .isEqualTo("50256\n");
    }

    @Test
    void encodesAndDecodesLines() {
        String lines = "{\"text\": \"Hello world\"}\n{\"text\": \"<|endoftext|>\"}\n";
        assertThat(run(lines, "tokenizer", "encode", "--jsonl", "--special").out())
                .isEqualTo("{\"ids\":[15496,995]}\n{\"ids\":[50256]}\n");
        assertThat(run("{\"ids\":[50256]}", "tokenizer", "decode", "--jsonl").out())
                .isEqualTo("{\"text\":\"<|endoftext|>\"}\n");
    }

    @Test
    void trainsOnTextAndLinesAndUsesTheResult() throws Exception {
        Path text = Files.writeString(directory.resolve("a.txt"), "low lower lowest");
        Path lines = Files.writeString(
                directory.resolve("b.jsonl"), "{\"body\": \"low low\u2028lowest\"}\n\n{\"body\": \"slow\"}\n");
        String out = directory.resolve("mine").toString();
        Result trained = run(
                "",
                "tokenizer",
                "train",
                text.toString(),
                lines.toString(),
                "--vocab-size",
                "259",
                "--text-field",
                "body",
                "--out",
                out,
                "--quiet");
        assertThat(trained.code()).isZero();
        assertThat(trained.out()).startsWith(Path.of(out, "tokenizer.json") + "\n");
        assertThat(run("low<|endoftext|>", "tokenizer", "encode", "--tokenizer", out, "--special")
                        .out())
                .isEqualTo("257 258\n");
        assertThat(run("", "tokenizer", "info", "--tokenizer", out).out())
                .startsWith("vocabulary      259 ids\nend of text     258 <|endoftext|>\n");
    }

    @Test
    void refusesInTwoLines() throws Exception {
        assertThat(run("", "tokenizer", "encode", "--tokenizer", "nowhere")).isEqualTo(new Result(2, "", """
            error: there is no tokenizer at nowhere
            hint: name gpt2, or a directory that holds a tokenizer.json
            """));
        assertThat(run("", "tokenizer", "train", "nowhere.txt", "--vocab-size", "300", "--out", "x")
                        .code())
                .isEqualTo(2);
        Path empty = Files.writeString(directory.resolve("empty.txt"), "");
        Result tooSmall = run(
                "",
                "tokenizer",
                "train",
                empty.toString(),
                "--vocab-size",
                "300",
                "--out",
                directory + "/x",
                "--quiet");
        assertThat(tooSmall).isEqualTo(new Result(2, "", """
            error: the texts give 0 merges; a vocabulary of 300 needs 43
            hint: give more text, or --vocab-size 257
            """));
        assertThat(directory.resolve("x")).doesNotExist();
        assertThat(run("{}", "tokenizer", "encode", "--jsonl").code()).isEqualTo(1);
    }

    private static Result run(String input, String... arguments) {
        InputStream in = System.in;
        PrintStream out = System.out;
        PrintStream err = System.err;
        var toOut = new ByteArrayOutputStream();
        var toErr = new ByteArrayOutputStream();
        try {
            System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
            System.setOut(new PrintStream(toOut, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(toErr, true, StandardCharsets.UTF_8));
            int code = Main.run(arguments);
            return new Result(code, toOut.toString(StandardCharsets.UTF_8), toErr.toString(StandardCharsets.UTF_8));
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
        }
    }

    private record Result(int code, String out, String err) {}
}
