package dev.cria.cli;

import dev.cria.RedactedStream;
import dev.cria.Redaction;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.tensor.VectorApi;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** The entry point: hands the arguments to a command and turns exceptions into exit codes, in this one place. */
@Command(
        name = "cria",
        description = "Trains LLaMA models from scratch: raw text in; a pretrained, benchmarked, tuned model out.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example:", "  ./cria demo --quick", "", "./cria help COMMAND explains one command."},
        subcommands = {
            BenchCommand.class,
            BoardCommand.class,
            ChatCommand.class,
            ClassifierCommand.class,
            CompareCommand.class,
            CompletionCommand.class,
            DemoCommand.class,
            DoctorCommand.class,
            EvalCommand.class,
            ExportCommand.class,
            ExportMetricsCommand.class,
            GenerateCommand.class,
            HelpCommand.class,
            ImportCommand.class,
            InitCommand.class,
            JudgeCommand.class,
            LaunchCommand.class,
            MergeCommand.class,
            PlanCommand.class,
            PrepareCommand.class,
            PretrainCommand.class,
            PrimerCommand.class,
            ReportCommand.class,
            ServeCommand.class,
            SpeedrunCommand.class,
            StudyCommand.class,
            SweepCommand.class,
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
        var out = new WatchedStream(new FileOutputStream(FileDescriptor.out));
        System.setOut(utf8(out));
        System.setErr(utf8(new FileOutputStream(FileDescriptor.err)));
        int code = run(args);
        System.out.flush();
        if (code == 0 && out.loss().isPresent()) {
            code = tell(
                    "the output is not whole: " + out.loss().get(),
                    "make space, or write it to another place, and start the command again",
                    WORK_FAILED);
        }
        System.err.flush();
        System.exit(code);
    }

    /** Runs one command line and returns its exit code. */
    static int run(String... args) {
        try {
            return commandLine().execute(args);
        } catch (InternalError e) {
            if (isCutFile(e)) {
                return tellCutFile();
            }
            throw e;
        }
    }

    static CommandLine commandLine() {
        CommandLine all = new CommandLine(new Main());
        Objects.requireNonNull(all.getSubcommands().get("launch")).setStopAtPositional(true);
        all.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_FOOTER, Main::footer);
        all.setHelpSectionMap(all.getHelpSectionMap());
        return all.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setUnmatchedOptionsAllowedAsOptionParameters(false)
                .setExecutionStrategy(Main::runCommand)
                .setParameterExceptionHandler((e, _) -> refuseArguments(e))
                .setExecutionExceptionHandler((e, _, _) -> explain(e));
    }

    /** Examples stay on one line, however narrow the terminal, so that they can be pasted. */
    private static String footer(Help help) {
        return String.join(
                        System.lineSeparator(),
                        help.commandSpec().usageMessage().footer())
                + System.lineSeparator();
    }

    /** Help and wrong arguments need no kernels; every command gets them, whether it computes or not. */
    private static int runCommand(ParseResult parsed) {
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        try {
            VectorApi.load();
        } catch (WorkException e) {
            throw new ExecutionException(parsed.commandSpec().commandLine(), e.error(), e);
        }
        return new RunLast().execute(parsed);
    }

    private static int explain(Exception e) throws Exception {
        return switch (e) {
            case RequestException wrong -> tell(wrong.error(), wrong.hint(), REQUEST_WRONG);
            case WorkException failed -> tell(failed.error(), failed.hint(), WORK_FAILED);
            default -> {
                if (isCutFile(e)) {
                    yield tellCutFile();
                }
                throw e;
            }
        };
    }

    /** What Java throws where a mapped file has become shorter, at whatever thread read it. */
    private static boolean isCutFile(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(20)
                .anyMatch(t -> t instanceof InternalError
                        && String.valueOf(t.getMessage()).contains("fault occurred"));
    }

    private static int tellCutFile() {
        return tell(
                "a file became shorter, or its disk failed, while it was read",
                "write a model or data set beside the old one and rename it, never over one that is in use",
                WORK_FAILED);
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
        RequestException refused = WrongArguments.explain(e);
        return tell(refused.error(), refused.hint(), REQUEST_WRONG);
    }

    private static int tell(String error, String hint, int code) {
        // All problems of a file are told at once.
        for (String problem : error.split("\nerror: ")) {
            System.err.println("error: " + Redaction.line(problem));
        }
        System.err.println("hint: " + Redaction.line(hint));
        return code;
    }

    private static PrintStream utf8(OutputStream plain) {
        return new PrintStream(new RedactedStream(plain), true, StandardCharsets.UTF_8);
    }
}
