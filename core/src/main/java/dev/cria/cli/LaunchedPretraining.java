package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.parallel.Launch;
import dev.cria.run.RunFiles;
import dev.cria.train.Recipe;
import dev.cria.train.TrainerState;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine;

/** A pretraining that is about to be launched: what its configuration and its run say of the ranks. */
final class LaunchedPretraining implements Launch.Needs {
    private final List<String> arguments;

    /** @param arguments of {@code pretrain} */
    LaunchedPretraining(List<String> arguments) {
        this.arguments = List.copyOf(arguments);
    }

    /** Those that a reproducible run was trained with: with others its kernels' sums may differ in their last bit. */
    @Override
    public OptionalInt threads() {
        return asked().filter(asked -> asked.recipe().parallel().reproducible()).stream()
                .flatMap(asked -> new RunFiles(asked.run()).checkpoints().stream().limit(1))
                .map(TrainerState::read)
                .flatMap(state -> Optional.ofNullable(state.environment().get("threads")).stream())
                .mapToInt(Integer::parseInt)
                .findFirst();
    }

    /** Nothing where the ranks will refuse the request: they say why. */
    private Optional<TrainingOptions.Asked<Recipe>> asked() {
        var pretrain = new PretrainCommand();
        try {
            new CommandLine(pretrain).parseArgs(arguments.toArray(String[]::new));
            return Optional.of(pretrain.asked());
        } catch (CommandLine.ParameterException | RequestException _) {
            return Optional.empty();
        }
    }
}
