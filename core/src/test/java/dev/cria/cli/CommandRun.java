package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a command line did in this process. It stands in for the standard streams meanwhile, so tests that use it are
 * isolated.
 */
record CommandRun(int code, String out, String err) {

    static CommandRun of(Object... arguments) {
        PrintStream formerOut = System.out;
        PrintStream formerErr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int code = Main.run(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
            return new CommandRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(formerOut);
            System.setErr(formerErr);
        }
    }

    /** What a command printed that had to succeed. */
    static String output(Object... arguments) {
        CommandRun run = of(arguments);
        assertThat(run.code).as(run.err).isZero();
        return run.out;
    }

    /** A command that had to be refused with these words, and a hint. */
    static void refuses(String error, Object... arguments) {
        CommandRun run = of(arguments);
        assertThat(run.code).as(run.err).isEqualTo(Main.REQUEST_WRONG);
        assertThat(run.err).startsWith("error: " + error + "\nhint: ");
    }
}
