package dev.cria.template;

/**
 * What one rendering may use. A template comes from a stranger, and a short one can ask for a billion steps, a string of
 * gigabytes or a nesting that fills the stack.
 */
final class Budget {
    /** A step takes about 50 ns, so a rendering that never ends is stopped after a second or two. */
    static final long STEPS = 20_000_000;

    /** Characters and elements that all strings and lists of a rendering may have together. */
    static final long GROWTH = 128L << 20;

    /** Characters of one string, elements of one list with all that they hold, and the output. */
    static final long LARGEST = 16L << 20;

    /** Expressions, statements and macros within each other; Python gives up near 1,000 as well. */
    static final int DEPTH = 800;

    /** What an element of a list counts beside its characters: the objects that hold it. */
    static final int ELEMENT = 64;

    /** Bits of an integer; Python prints none with more than 4,300 digits. */
    static final int BITS = 14_283;

    /** Numbers of a range, as in Jinja's sandbox. */
    static final int RANGE = 100_000;

    private long steps = STEPS;
    private long growth = GROWTH;
    private int depth;

    /** Takes steps. */
    void step(long count) {
        steps -= count;
        if (steps < 0) {
            throw new Refusal("the template takes more than " + STEPS / 1_000_000 + " million steps");
        }
    }

    /** Takes room for something of a size, before it is made. */
    void grow(long size) {
        if (size > LARGEST) {
            throw new Refusal("a value of the template has more than " + (LARGEST >> 20) + " million characters");
        }
        growth -= size;
        if (growth < 0) {
            throw new Refusal(
                    "the values of the template have more than " + (GROWTH >> 20) + " million characters together");
        }
        step(size >> 5);
    }

    /** Takes the steps of looking for a text in another, which Java does in the product of both lengths at worst. */
    void search(int text, int sought) {
        step(text / 64 + (long) text * Math.min(sought, text) / 256);
    }

    void enter() {
        if (++depth > DEPTH) {
            throw new Refusal("the template nests deeper than " + DEPTH + " levels");
        }
        step(1);
    }

    void leave() {
        depth--;
    }
}
