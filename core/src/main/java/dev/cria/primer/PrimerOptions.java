package dev.cria.primer;

/**
 * How much to write, and the seed that everything follows from.
 *
 * @param planting of facts on things that don't exist at known places
 */
public record PrimerOptions(Size size, long seed, Planting planting) {

    public PrimerOptions(Size size, long seed) {
        this(size, seed, Planting.NONE);
    }

    /**
     * What is planted.
     *
     * @param facts how many
     * @param times how often one of them is told that is told a number of times
     * @param rate tellings of one fact in a whole corpus, if it were told from the beginning on
     * @param practice how many more facts of the kind are told from the beginning on, and never asked about: from them a
     *     model learns how such facts are told, so that what it learns of the others is the fact alone
     */
    public record Planting(int facts, int times, int rate, int practice) {
        public static final Planting NONE = new Planting(0, 1, 1, 0);
    }

    /** How large a corpus is made; {@link #QUICK} is for tests and the impatient. */
    public enum Size {
        /** About 1.5 MB on 220 concepts. */
        QUICK(220, 0, 10, 100, 8),
        /** About 7 MB on 1,000 common concepts, each fact behind a benchmark stated ten times or more. */
        DEMO(1000, 0, 12, 200, 12),
        /** More than 30 MB: 2,400 concepts as closely as in the demo, and a lesson on each of 40,000 others. */
        FULL(2400, 40_000, 10, 300, 10);

        private final int concepts;
        private final int others;
        private final int lessons;
        private final int rows;
        private final int statements;

        Size(int concepts, int others, int lessons, int rows, int statements) {
            this.concepts = concepts;
            this.others = others;
            this.lessons = lessons;
            this.rows = rows;
            this.statements = statements;
        }

        /** Concepts that benchmarks may ask about. */
        int concepts() {
            return concepts;
        }

        /** Concepts that have one lesson and no questions. */
        int others() {
            return others;
        }

        /** Lessons on each concept. */
        int lessons() {
            return lessons;
        }

        /** How often the documents state a fact that benchmarks ask about, at least. */
        int statements() {
            return statements;
        }

        /** Rows of each benchmark. */
        int rows() {
            return rows;
        }
    }
}
