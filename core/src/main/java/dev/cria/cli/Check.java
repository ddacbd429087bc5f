package dev.cria.cli;

/**
 * One thing about a machine.
 *
 * @param remedy what to do about it; empty where all is well
 */
record Check(State state, String subject, String finding, String remedy) {

    /** How bad it is. */
    enum State {
        GOOD("ok"),
        /** Cria works, but slower or with less. */
        LACKING("note"),
        /** Cria does not work. */
        BROKEN("FAIL");

        private final String word;

        State(String word) {
            this.word = word;
        }
    }

    static Check good(String subject, String finding) {
        return new Check(State.GOOD, subject, finding, "");
    }

    static Check lacking(String subject, String finding, String remedy) {
        return new Check(State.LACKING, subject, finding, remedy);
    }

    static Check broken(String subject, String finding, String remedy) {
        return new Check(State.BROKEN, subject, finding, remedy);
    }

    String toText() {
        String line = "%-5s %-18s %s%n".formatted(state.word, subject, finding);
        return remedy.isEmpty() ? line : line + "%-24s → %s%n".formatted("", remedy);
    }
}
