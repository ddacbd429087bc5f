package dev.cria.template;

/** A function of this package, such as {@code range} or a text's {@code strip}. */
record Function(String name, Body body) implements Value.Callable {

    /** What it does. */
    @FunctionalInterface
    interface Body {
        Value call(Arguments arguments);
    }

    @Override
    public Value call(Arguments arguments) {
        return body.call(arguments);
    }
}
