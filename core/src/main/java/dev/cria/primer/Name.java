package dev.cria.primer;

/**
 * A noun as sentences use it.
 *
 * @param bare {@code robin}, {@code water}, {@code Paris}, {@code Danube}
 * @param plural {@code robins}; the bare word where there is none
 */
record Name(String bare, String plural, Number number) {

    /** How a noun takes articles. */
    enum Number {
        COUNT,
        MASS,
        PROPER,
        PROPER_WITH_ARTICLE
    }

    /** A word that takes no article, such as a verb or an adjective. */
    static Name word(String bare) {
        return new Name(bare, bare, Number.MASS);
    }

    boolean isCount() {
        return number == Number.COUNT;
    }

    boolean isProper() {
        return number == Number.PROPER || number == Number.PROPER_WITH_ARTICLE;
    }

    /** {@code a robin}, {@code water}, {@code Paris}, {@code the Danube}. */
    String indefinite() {
        return switch (number) {
            case COUNT -> English.withArticle(bare);
            case MASS, PROPER -> bare;
            case PROPER_WITH_ARTICLE -> "the " + bare;
        };
    }

    /** {@code the robin}, {@code water}, {@code Paris}, {@code the Danube}. */
    String definite() {
        return isCount() ? "the " + bare : indefinite();
    }

    /** The name for all of the kind: {@code robins}, {@code water}, {@code Paris}, {@code the Danube}. */
    String generic() {
        return isCount() ? plural : indefinite();
    }

    /** This name in the number that agrees with {@code subject}: robins are birds, water is a liquid. */
    String agreeingWith(Name subject) {
        return subject.isCount() ? generic() : indefinite();
    }
}
