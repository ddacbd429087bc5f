package dev.cria.tune;

import dev.cria.model.LlamaConfig;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Init;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Projection;
import dev.cria.nn.Projection.Adapter;
import dev.cria.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The low-rank corrections of a LLaMA's projections, as parameters of their own: the base knows nothing of them. Each
 * has A [rank, in] and B [out, rank]; B begins as zeros, so that new adapters change nothing.
 */
public final class Adapters implements AutoCloseable {
    private static final String PEFT_PREFIX = "base_model.model.";
    private static final String WEIGHT = ".weight";

    private final Parameters parameters;
    private final int rank;
    private final double scale;
    private final List<Module> modules;
    private final Set<String> stacks;

    /**
     * A projection that has an adapter.
     *
     * @param name such as {@code model.layers.0.self_attn.k_proj}
     * @param stack the first of the projections that are multiplied as one, {@code …q_proj} for that
     * @param start the row of the stack at which it begins
     */
    record Module(String name, String stack, long start, long outputs, long inputs) {
        String weightA() {
            return PEFT_PREFIX + name + ".lora_A" + WEIGHT;
        }

        String weightB() {
            return PEFT_PREFIX + name + ".lora_B" + WEIGHT;
        }
    }

    private Adapters(Parameters parameters, int rank, double scale, List<Module> modules, Set<String> stacks) {
        this.parameters = parameters;
        this.rank = rank;
        this.scale = scale;
        this.modules = List.copyOf(modules);
        this.stacks = stacks;
    }

    /**
     * Allocates adapters with undefined numbers, which the caller fills and closes.
     *
     * @param scale alpha / rank
     * @param adapted which projections get one, by name
     */
    static Adapters allocate(
            LlamaConfig config, int rank, double scale, Predicate<String> adapted, Device device, Storage storage) {
        List<Module> modules =
                modules(config).stream().filter(m -> adapted.test(m.name())).toList();
        List<ParameterSpec> specs = new ArrayList<>();
        for (Module module : modules) {
            // PEFT draws A from Kaiming's uniform with a = √5, whose bound is 1/√in.
            specs.add(new ParameterSpec(
                    List.of(new Part(module.weightA(), List.of((long) rank, module.inputs()))),
                    new Init.Uniform(1 / Math.sqrt(module.inputs()))));
            specs.add(new ParameterSpec(
                    List.of(new Part(module.weightB(), List.of(module.outputs(), (long) rank))), new Init.Constant(0)));
        }
        return new Adapters(Parameters.allocate(specs, device, storage), rank, scale, modules, stacks(config));
    }

    /** Every projection of a model's layers. */
    static List<Module> modules(LlamaConfig config) {
        List<Module> modules = new ArrayList<>();
        for (ParameterSpec spec : config.parameterSpecs()) {
            String stack = moduleName(spec.parts().getFirst());
            long start = 0;
            for (Part part : spec.parts()) {
                if (part.name().endsWith("_proj" + WEIGHT)) {
                    long outputs = part.shape().getFirst();
                    modules.add(new Module(
                            moduleName(part),
                            stack,
                            start,
                            outputs,
                            part.shape().getLast()));
                    start += outputs;
                }
            }
        }
        return modules;
    }

    /** The first of each projection's stack. */
    static Set<String> stacks(LlamaConfig config) {
        return modules(config).stream().map(Module::stack).collect(Collectors.toSet());
    }

    private static String moduleName(Part part) {
        return part.name().substring(0, part.name().length() - WEIGHT.length());
    }

    /** Whether a projection is one of these targets. */
    static Predicate<String> isOneOf(List<String> targets) {
        return name -> targets.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    public Parameters parameters() {
        return parameters;
    }

    int rank() {
        return rank;
    }

    /** alpha / rank. */
    double scale() {
        return scale;
    }

    List<Module> modules() {
        return modules;
    }

    private List<Adapter> of(String stack) {
        return modules.stream()
                .filter(m -> m.stack().equals(stack))
                .map(m -> new Adapter(
                        parameters.withPart(m.weightA()), parameters.withPart(m.weightB()), m.start(), scale))
                .toList();
    }

    /** Whether this is a stack of a layer; the head is not adapted. */
    boolean concern(String stack) {
        return stacks.contains(stack);
    }

    /** A projection of the base with its adapters, which may be none. */
    Projection.LowRank around(String stack, Projection.Base base) {
        return new Projection.LowRank(base, of(stack));
    }

    @Override
    public void close() {
        parameters.close();
    }
}
