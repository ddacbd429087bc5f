package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The entry point: hands the arguments to a command and turns exceptions into exit codes, in this one place. */
@Command(
        name = "cria",
        description = "Raises a LLaMA from scratch: raw text in; a pretrained, benchmarked, tuned model out.",
        mixinStandardHelpOptions = true,
        version = "cria 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example:", "  ./cria demo --quick", "", "cria COMMAND --help explains one command."},
        subcommands = {
            BenchCommand.class,
            ChatCommand.class,
            ClassifierCommand.class,
            CompareCommand.class,
            DemoCommand.class,
            DoctorCommand.class,
            EvalCommand.class,
            ExportCommand.class,
            GenerateCommand.class,
            ImportCommand.class,
            JudgeCommand.class,
            LaunchCommand.class,
            MergeCommand.class,
            PlanCommand.class,
            PrepareCommand.class,
            PretrainCommand.class,
            PrimerCommand.class,
            ReportCommand.class,
            TokenizerCommand.class,
            TuneCommand.class,
            WatchCommand.class
        })
public final class Main {
    static final int WORK_FAILED = 1;
    static final int REQUEST_WRONG = 2;

    private Main() {}

    public static void main(String[] args) {
        // Numbers in files and tables are written with a point wherever the user lives.
        Locale.setDefault(Locale.ROOT);
        System.setOut(utf8(FileDescriptor.out));
        System.setErr(utf8(FileDescriptor.err));
        int code = run(args);
        System.out.flush();
        System.err.flush();
        System.exit(code);
    }

    /** Runs one command line and returns its exit code. */
    static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        CommandLine all = new CommandLine(new Main());
        Objects.requireNonNull(all.getSubcommands().get("launch")).setStopAtPositional(true);
        return all.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((e, _) -> refuseArguments(e))
                .setExecutionExceptionHandler((e, _, _) -> explain(e));
    }

    private static int explain(Exception e) throws Exception {
        return switch (e) {
            case RequestException wrong -> tell(wrong.error(), wrong.hint(), REQUEST_WRONG);
            case WorkException failed -> tell(failed.error(), failed.hint(), WORK_FAILED);
            default -> throw e;
        };
    }

    /** Tells why the process cannot go on and ends it, whatever its other threads are doing. */
    static void endAtOnce(RuntimeException why) {
        int code = WORK_FAILED;
        try {
            code = explain(why);
        } catch (Exception bug) {
            bug.printStackTrace();
        }
        System.err.flush();
        Runtime.getRuntime().halt(code);
    }

    private static int refuseArguments(ParameterException e) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        List<String> nearest =
                e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        String hint = nearest.isEmpty() ? name + " --help" : "did you mean " + String.join(" or ", nearest) + "?";
        String message = String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse("the arguments cannot be read")
                .replaceFirst("^Error: ", "");
        return tell(Character.toLowerCase(message.charAt(0)) + message.substring(1), hint, REQUEST_WRONG);
    }

    private static int tell(String error, String hint, int code) {
        System.err.println("error: " + error);
        System.err.println("hint: " + hint);
        return code;
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
