package dev.cria.parallel;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Shard;
import dev.cria.nn.Sharing;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What the ranks of {@link RanksIT} run: {@code MODE FOLDER}. */
final class RankProgram {
    private static final int FAILED = 1;
    private static final int REFUSED = 2;

    private RankProgram() {}

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[1]);
        try (Ranks ranks =
                Ranks.fromEnvironment(System.getenv(), e -> Runtime.getRuntime().halt(tell(e)))) {
            ranks.together(() -> {
                run(arguments[0], ranks, folder);
                return 0;
            });
        } catch (RuntimeException e) {
            System.exit(tell(e));
        }
        System.exit(0);
    }

    private static int tell(RuntimeException e) {
        System.err.println("error: " + e.getMessage());
        return e instanceof RequestException ? REFUSED : FAILED;
    }

    private static void run(String mode, Ranks ranks, Path folder) {
        switch (mode) {
            case "exchange" -> write(folder.resolve("rank-" + ranks.rank()), exchange(ranks));
            case "refuse" -> {
                if (ranks.rank() == 1) {
                    throw new RequestException("data.path is nothing", "--data DIR");
                }
                ranks.sum(1);
            }
            case "wait" -> {
                write(
                        folder.resolve("rank-" + ranks.rank()),
                        String.valueOf(ProcessHandle.current().pid()));
                while (ranks.sum(1) > 0) {
                    pause();
                }
            }
            case "fail-once" -> {
                if (ranks.rank() == 1 && Launched.from(System.getenv()).restarts() == 0) {
                    throw new WorkException("the first attempt fails", "try again");
                }
                ranks.sum(1);
            }
            case "only-two" -> {
                if (ranks.rank() == 2) {
                    throw new WorkException("its device is gone", "try without it");
                }
                ranks.sum(1);
                write(
                        folder.resolve("rank-" + ranks.rank()),
                        ranks.size() + " ranks, attempt "
                                + Launched.from(System.getenv()).restarts());
            }
            default -> throw new IllegalArgumentException(mode);
        }
    }

    private static String exchange(Ranks ranks) {
        String answer = ranks.fromFirst(() -> "grüße von " + ranks.rank());
        String all = Arrays.deepToString(ranks.gather(ranks.rank(), 0.5));
        return String.join(
                "\n",
                String.valueOf(ranks.localRank()),
                answer,
                all,
                String.valueOf(ranks.sum(ranks.rank() + 1)),
                synced(ranks, DType.FLOAT32),
                synced(ranks, DType.BFLOAT16),
                owned(ranks),
                String.valueOf(Runtime.getRuntime().availableProcessors()));
    }

    /** Gradients of two parameters, some of which were finished in the backward and some not. */
    private static String synced(Ranks ranks, DType type) {
        var specs = List.of(ParameterSpec.matrix("a", 600, 1000, 1), ParameterSpec.vector("b", 13, 1));
        try (var parameters = Parameters.allocate(specs, Device.CPU, Storage.training(DType.FLOAT32, type));
                var sync = new OverlappedSums(parameters, ranks, Kernels.of(Device.CPU, Kernels.Choice.AUTO))) {
            String seen = "";
            for (int step = 1; step <= 2; step++) {
                for (var parameter : parameters.list()) {
                    Tensor gradient = parameter.gradient().orElseThrow();
                    float[] numbers = new float[(int) gradient.elements()];
                    Arrays.fill(numbers, step * (ranks.rank() + 1));
                    try (Tensor given = Tensor.of(numbers, gradient.shape())) {
                        gradient.copyFrom(given);
                    }
                }
                sync.during(0, 1).accept(parameters.list().getLast());
                sync.await();
                float[] sums =
                        parameters.list().getFirst().gradient().orElseThrow().toFloats();
                float[] vector =
                        parameters.list().getLast().gradient().orElseThrow().toFloats();
                seen += sums[0] + " " + sums[sums.length - 1] + " " + vector[12] + " ";
            }
            return seen.strip();
        }
    }

    /** The numbers of two parameters, each of which another rank owns: its own number from 1. */
    private static String owned(Ranks ranks) {
        var specs = List.of(ParameterSpec.matrix("a", 30, 7, 1), ParameterSpec.vector("b", 13, 1));
        var storage = Storage.training(DType.BFLOAT16, DType.FLOAT32)
                .shared(Sharing.of(Shard.OPTIMIZER, ranks.rank(), ranks.size()));
        try (var parameters = Parameters.allocate(specs, Device.CPU, storage);
                Tensor mine = Tensor.of(new float[] {ranks.rank() + 1}, 1);
                var numbers =
                        new OwnedNumbers(parameters, ranks, p -> p.master().orElseThrow())) {
            for (Parameter parameter : parameters.own()) {
                try (Tensor flat = parameter.master().orElseThrow().view(parameter.elements());
                        Tensor last = flat.rows(parameter.elements() - 1, 1)) {
                    last.copyFrom(mine);
                }
            }
            String seen = "";
            for (Parameter parameter : parameters.list()) {
                numbers.of(parameter);
                float[] shown = numbers.of(parameter).toFloats();
                seen += shown.length + " " + shown[shown.length - 1] + " ";
            }
            return seen.strip();
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new WorkException("cannot write " + file, "free some space", e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
