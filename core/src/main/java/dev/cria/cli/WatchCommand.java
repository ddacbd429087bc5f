package dev.cria.cli;

import dev.cria.report.Watch;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A run's loss, validation and speed, redrawn in the terminal. */
@Command(
        name = "watch",
        description = "Shows the loss, speed and last events of runs in the terminal until they end.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  ./cria watch runs/dmas-1.7b", "  ./cria watch runs/a runs/b --every 10"})
final class WatchCommand implements Callable<Integer> {
    private static final int WIDTH = 80;
    private static final int HEIGHT = 24;
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_TO_LINE_END = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    @Parameters(
            arity = "1..*",
            paramLabel = "RUN",
            description = "Run directories; the curves of several are drawn on the same axes.")
    private List<Path> runs = List.of();

    @Option(
            names = "--once",
            description = "Show one picture and exit; automatic if standard output is not a terminal.")
    private boolean once;

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "Time between pictures (default: ${DEFAULT-VALUE}).")
    private double every;

    @Override
    public Integer call() throws InterruptedException {
        OptionalInt width = TerminalWidth.ofOutput();
        if (once || width.isEmpty()) {
            System.out.print(Watch.frame(runs, width.orElse(WIDTH), HEIGHT).text());
            return 0;
        }
        while (true) {
            Watch.Frame frame = Watch.frame(runs, TerminalWidth.ofOutput().orElse(WIDTH), HEIGHT);
            System.out.print(HOME + frame.text().replace("\n", CLEAR_TO_LINE_END + "\n") + CLEAR_BELOW);
            System.out.flush();
            if (frame.state() == Watch.State.ENDED) {
                return 0;
            }
            Thread.sleep(Math.max(100, Math.round(every * 1000)));
        }
    }
}
