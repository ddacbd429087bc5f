package dev.cria.primer;

/** One thing that is true according to WordNet, and may be said in many ways. */
record Fact(int id, Concept subject, Relation relation, Value value, Split split) {

    /** Whether lessons state the fact, or no document does. */
    enum Split {
        STATED,
        HELDOUT
    }

    /** What stands at the other end of the relation. */
    sealed interface Value {
        /** The value in a few words, as answers are given. */
        String text();
    }

    /** Another meaning, under the name that lessons use. */
    record Thing(Name name, Entry entry) implements Value {
        @Override
        public String text() {
            return name.bare();
        }
    }

    /** A definition: with its article, as WordNet has it, and after a subject: {@code is a bird}, {@code has few parts}. */
    record Words(String phrase, String raw, String predicate) implements Value {
        @Override
        public String text() {
            return phrase;
        }
    }

    /** A purpose: {@code cutting wood}, {@code cut wood}. */
    record Purpose(String gerund, String infinitive) implements Value {
        @Override
        public String text() {
            return gerund;
        }
    }

    Fact withSplit(Split to) {
        return new Fact(id, subject, relation, value, to);
    }

    /** What would be said with another value: a wrong option's claim. */
    Fact withValue(Value to) {
        return new Fact(id, subject, relation, to, split);
    }

    /** What would be said of another concept. */
    Fact withSubject(Concept to) {
        return new Fact(id, to, relation, value, split);
    }

    boolean isStated() {
        return split == Split.STATED;
    }
}
