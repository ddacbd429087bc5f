package dev.cria.measure;

import dev.cria.Progress;
import dev.cria.format.ConfigFile;
import dev.cria.measure.ScalingReport.Axis;
import dev.cria.measure.ScalingReport.Point;
import dev.cria.measure.StepTrial.Phase;
import dev.cria.model.ModelConfig;
import dev.cria.model.Presets;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.train.MemoryPlan;
import dev.cria.train.Recipe;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Measures a recipe's step with one size changed at a time: positions of a row, rows of a micro-batch, layers. Longer
 * rows come with fewer of them, so that tokens stay as near as can be; micro-batches of a step stay as many.
 */
public final class ScalingBench {
    private static final Phase WARM_UP = new Phase(1, 3, 0.5);
    private static final Phase UNWATCHED = new Phase(2, 10, 1.2);
    private static final Phase BY_KIND = new Phase(2, 5, 0.8);

    private final Recipe recipe;
    private final Progress progress;
    private final double room;
    private final Device device;
    private final Kernels kernels;

    /** @param room bytes of memory that are free on the recipe's device */
    public ScalingBench(Recipe recipe, Progress progress, double room) {
        this.recipe = recipe;
        this.progress = progress;
        this.room = room;
        this.device = Device.named(recipe.device(), 0);
        this.kernels = Kernels.of(device, recipe.kernels());
    }

    /** Sizes of a step. */
    record Sizes(int seq, int microBatch, int layers) {
        static Sizes of(Recipe recipe) {
            var batch = recipe.batch();
            int layers = Presets.resolve(recipe.model(), batch.sequenceLength()).layers();
            return new Sizes(batch.sequenceLength(), batch.microBatch(), layers);
        }

        /** These and their neighbours along an axis, the smallest first. */
        List<Sizes> along(Axis axis) {
            return switch (axis) {
                case SEQUENCE_LENGTH ->
                    with(seq, 256, 512, 1024, 2048).stream()
                            .map(t -> new Sizes(t, t == seq ? microBatch : Math.max(1, microBatch * seq / t), layers))
                            .toList();
                case MICRO_BATCH ->
                    with(microBatch, 1, 2, 4, 8, 16).stream()
                            .map(rows -> new Sizes(seq, rows, layers))
                            .toList();
                case LAYERS ->
                    with(layers, 2, 4, 8, 12).stream()
                            .map(count -> new Sizes(seq, microBatch, count))
                            .toList();
            };
        }

        private static TreeSet<Integer> with(int own, Integer... others) {
            var all = new TreeSet<>(List.of(others));
            all.add(own);
            return all;
        }
    }

    /** Measures along the axes; the recipe's own sizes are those of a report that is there. */
    public ScalingReport run(StepReport own, List<Axis> axes) {
        Sizes center = Sizes.of(recipe);
        Map<Sizes, Point> measured = new HashMap<>();
        measured.put(center, point(center, recipe, own.best(), own.roofline()));
        Map<Axis, List<Point>> points = new EnumMap<>(Axis.class);
        List<String> skipped = new ArrayList<>();
        int steps =
                axes.stream().mapToInt(axis -> center.along(axis).size() - 1).sum();
        try (var task = progress.begin("scaling", "sizes", steps)) {
            for (Axis axis : axes) {
                List<Point> along = new ArrayList<>();
                for (Sizes sizes : center.along(axis)) {
                    task.note(sizes.microBatch() + " × " + sizes.seq() + ", " + sizes.layers() + " layers");
                    Recipe there = recipe(sizes);
                    double needed = memory(there);
                    if (needed > room && !measured.containsKey(sizes)) {
                        skipped.add("%d × %d with %d layers: needs %.1f GB of the %.1f that are free"
                                .formatted(sizes.microBatch(), sizes.seq(), sizes.layers(), needed / 1e9, room / 1e9));
                    } else {
                        along.add(measured.computeIfAbsent(sizes, s -> measure(s, there, own.roof())));
                    }
                    task.advance(sizes.equals(center) ? 0 : 1);
                }
                points.put(axis, along);
            }
        }
        return new ScalingReport(points, skipped);
    }

    private double memory(Recipe there) {
        ModelConfig config = Presets.resolve(there.model(), there.batch().sequenceLength());
        return MemoryPlan.of(config, there, device).total();
    }

    /** The recipe with other sizes; its model has as many positions as they need. */
    Recipe recipe(Sizes sizes) {
        ModelConfig config = Presets.resolve(recipe.model(), recipe.batch().sequenceLength());
        long tokens = (long) sizes.seq() * sizes.microBatch() * recipe.batch().accumulation(1);
        List<String> settings = new ArrayList<>(List.of(
                "batch.sequence_length=" + sizes.seq(),
                "batch.micro_batch=" + sizes.microBatch(),
                "batch.tokens_per_step=" + tokens));
        config.depth(sizes.layers(), Math.max(config.positions(), sizes.seq()))
                .forEach((key, value) -> settings.add("model." + key + "=" + value));
        return ConfigFile.defaults(recipe, settings);
    }

    private Point measure(Sizes sizes, Recipe there, Roof roof) {
        try (var trial = new StepTrial(there, device, kernels)) {
            trial.time(WARM_UP);
            double best = trial.time(UNWATCHED).getFirst();
            var watched = trial.watch(BY_KIND);
            return point(sizes, there, best, watched.roofline(roof.flops(trial.compute()), roof.bytesPerSecond()));
        }
    }

    private static Point point(Sizes sizes, Recipe there, double seconds, Roofline roofline) {
        double flops = Presets.resolve(there.model(), sizes.seq()).flopsPerToken(sizes.seq());
        return new Point(
                sizes.seq(),
                sizes.microBatch(),
                sizes.layers(),
                there.batch().tokensPerStep(),
                seconds,
                flops * there.batch().tokensPerStep() / seconds / roofline.flops(),
                roofline);
    }
}
