package dev.cria.primer;

import java.util.List;

/**
 * One document of the corpus.
 *
 * @param stated ids of the facts that it states, one entry for each statement
 */
record Lesson(Concept concept, Form form, String text, List<Integer> stated) {

    /** The kinds of lessons, and the educational score each is given, 0 to 5 as FineWeb-Edu's. */
    enum Form {
        PORTRAIT(4.3),
        QUIZ(3.6),
        CHECK(3.7),
        TALK(3.9),
        COMPARISON(4.1),
        RIDDLE(3.4),
        LIST(3.8),
        HOWTO(3.9);

        private final double score;

        Form(double score) {
            this.score = score;
        }

        double score() {
            return score;
        }
    }
}
