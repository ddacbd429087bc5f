package dev.cria.template;

import dev.cria.template.Value.Int;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Python's {@code range}, of as many numbers as Jinja's sandbox allows. */
final class Ranges {

    private Ranges() {}

    static Value range(Arguments arguments) {
        List<BigInteger> given = new ArrayList<>();
        for (Value value : arguments.positional()) {
            given.add(Numbers.integer(value));
        }
        if (given.isEmpty() || given.size() > 3 || !arguments.named().isEmpty()) {
            throw new Refusal("range takes one to three integers");
        }
        BigInteger start = given.size() == 1 ? BigInteger.ZERO : given.getFirst();
        BigInteger stop = given.size() == 1 ? given.getFirst() : given.get(1);
        BigInteger step = given.size() == 3 ? given.get(2) : BigInteger.ONE;
        if (step.signum() == 0) {
            throw new Refusal("range's third argument is 0");
        }
        BigInteger count = stop.subtract(start)
                .add(step)
                .subtract(BigInteger.valueOf(step.signum()))
                .divide(step);
        if (count.compareTo(BigInteger.valueOf(Budget.RANGE)) > 0) {
            throw new Refusal("range gives " + count + " numbers, more than " + Budget.RANGE);
        }
        List<Value> numbers = new ArrayList<>();
        for (int i = 0; i < count.intValue(); i++) {
            numbers.add(new Int(start.add(step.multiply(BigInteger.valueOf(i)))));
        }
        return new Items(Kind.RANGE, numbers, List.of(start.toString(), stop.toString(), step.toString()));
    }

    static String repr(Items range) {
        List<String> ends = range.names();
        return "range(" + String.join(", ", ends.getLast().equals("1") ? ends.subList(0, 2) : ends) + ")";
    }
}
