package dev.cria.measure;

import dev.cria.measure.TimedKernels.Spent;
import dev.cria.tensor.DType;
import dev.cria.tensor.GemmPeak.Rate;
import dev.cria.tensor.Product;
import dev.cria.train.ComputeType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What matrix products of several sizes reach by themselves, by Cria's kernel and by libtorch's, and within a step.
 *
 * @param inStep what each took in the step; nothing for the head's, whose time is the loss's too
 */
record ProductTable(List<Rate> rates, Map<Product, Spent> inStep) {

    /** By sizes as they first come, the three forms of each together. */
    private Map<Product, List<Rate>> byProduct() {
        Map<String, Map<Product, List<Rate>>> bySizes = new LinkedHashMap<>();
        rates.forEach(rate -> bySizes.computeIfAbsent(
                        rate.product().sizes(), _ -> new TreeMap<>(Comparator.comparing(Product::form)))
                .computeIfAbsent(rate.product(), _ -> new ArrayList<>())
                .add(rate));
        Map<Product, List<Rate>> byProduct = new LinkedHashMap<>();
        bySizes.values().forEach(byProduct::putAll);
        return byProduct;
    }

    private OptionalDouble inStep(Product product) {
        Spent spent = inStep.get(product);
        return spent == null || spent.seconds() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(spent.work().operations() / spent.seconds());
    }

    /** The table for machines. */
    List<Map<String, Object>> toJson() {
        List<Map<String, Object>> rows = new ArrayList<>();
        byProduct().forEach((product, types) -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("rows", product.rows());
            row.put("in", product.in());
            row.put("out", product.out());
            row.put("form", product.form().words());
            for (Rate rate : types) {
                row.put(
                        ComputeType.word(rate.dtype()),
                        Map.of("cria", rate.kernels() / 1e9, "libtorch", rate.libtorch() / 1e9));
            }
            inStep(product).ifPresent(flops -> row.put("in_step", flops / 1e9));
            rows.add(row);
        });
        return rows;
    }

    /** The table for people. */
    String toText() {
        List<DType> types = rates.stream().map(Rate::dtype).distinct().toList();
        var text = new StringBuilder("%-42s".formatted("matrix products, GFLOP/s"));
        types.forEach(type ->
                text.append("%14s".formatted(ComputeType.word(type) + " Cria")).append("  libtorch"));
        text.append("  in the step\n");
        String before = "";
        for (var entry : byProduct().entrySet()) {
            Product product = entry.getKey();
            String sizes = product.sizes();
            text.append("%-26s%-16s"
                    .formatted(sizes.equals(before) ? "" : sizes, product.form().words()));
            before = sizes;
            for (Rate rate : entry.getValue()) {
                text.append("%,14.0f%,10.0f".formatted(rate.kernels() / 1e9, rate.libtorch() / 1e9));
            }
            inStep(product).ifPresent(flops -> text.append("%,13.0f".formatted(flops / 1e9)));
            text.append('\n');
        }
        return text.toString();
    }
}
