package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.parallel.Launch;
import dev.cria.run.RunFiles;
import dev.cria.train.TrainerState;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * A training that is about to be launched: what its configuration and its run say of the ranks.
 *
 * @param command {@code pretrain} or {@code tune}, with its arguments
 * @param given threads of each rank, if somebody has chosen
 */
record LaunchedTraining(List<String> command, OptionalInt given) implements Launch.Needs {

    /**
     * What a command would train, looked at without beginning anything.
     *
     * @param reproducible whether its results are to be the same to the bit
     * @param allows whether so many ranks can share a step
     */
    record Asked(Path run, boolean reproducible, IntPredicate allows) {}

    /** A command that can tell. */
    interface Asking {
        Asked asked();
    }

    /** Those that a reproducible run was trained with: with others its kernels' sums may differ in their last bit. */
    @Override
    public OptionalInt threads() {
        if (given.isPresent()) {
            return given;
        }
        return asked().filter(Asked::reproducible).stream()
                .flatMap(LaunchedTraining::newest)
                .map(TrainerState::read)
                .flatMap(state -> Optional.ofNullable(state.environment().get("threads")).stream())
                .mapToInt(Integer::parseInt)
                .findFirst();
    }

    @Override
    public boolean allows(int ranks) {
        return asked().map(asked -> asked.allows().test(ranks)).orElse(true);
    }

    @Override
    public OptionalLong newestCheckpoint() {
        return asked().stream()
                .flatMap(LaunchedTraining::newest)
                .mapToLong(checkpoint -> RunFiles.step(checkpoint).orElseThrow())
                .findFirst();
    }

    private static Stream<Path> newest(Asked asked) {
        return new RunFiles(asked.run()).checkpoints().stream().limit(1);
    }

    /** Nothing where the ranks will refuse the request: they say why. */
    private Optional<Asked> asked() {
        CommandLine parsing = Main.commandLine();
        try {
            var parsed = parsing.parseArgs(command.toArray(String[]::new)).subcommand();
            Object named = parsed.commandSpec().userObject();
            return named instanceof Asking asking ? Optional.of(asking.asked()) : Optional.empty();
        } catch (CommandLine.ParameterException | RequestException _) {
            return Optional.empty();
        }
    }
}
