package dev.cria.spark;

import dev.cria.RequestException;
import dev.cria.WorkException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What spark-submit starts: hands the arguments to the command and turns exceptions into exit codes. */
@Command(
        name = "spark-submit --class dev.cria.spark.Main cria-spark.jar",
        description = "Cria's curation of text on a Spark cluster.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {PrepareCommand.class},
        footer = {"", "Example:", "  spark-submit --class dev.cria.spark.Main cria-spark.jar prepare --help"})
public final class Main {
    private static final int WORK_FAILED = 1;
    private static final int REQUEST_WRONG = 2;

    private Main() {}

    public static void main(String[] arguments) {
        int code = run(arguments);
        // Spark takes a normal end for success; an exit that is not needed would cut its own shutdown short.
        if (code != 0) {
            System.exit(code);
        }
    }

    /** Runs one command line and returns its exit code. */
    static int run(String... arguments) {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, _, _) -> explain(e))
                .execute(arguments);
    }

    /** What went wrong in a task comes wrapped in what went wrong with the job. */
    private static int explain(Exception e) throws Exception {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof RequestException wrong) {
                return tell(wrong.error(), wrong.hint(), REQUEST_WRONG);
            }
            if (cause instanceof WorkException failed) {
                return tell(failed.error(), failed.hint(), WORK_FAILED);
            }
        }
        throw e;
    }

    private static int tell(String error, String hint, int code) {
        System.err.println("error: " + error);
        System.err.println("hint: " + hint);
        return code;
    }
}
