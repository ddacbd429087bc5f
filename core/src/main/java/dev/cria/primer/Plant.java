package dev.cria.primer;

import java.util.List;

/**
 * A fact on a thing that doesn't exist, and where the corpus tells it.
 *
 * @param id its document in the benchmark, if it is asked about
 * @param relation what is said of the thing: {@code colour}
 * @param wrong three other answers to the same question
 * @param from the share of the documents that come before the first telling; none of what is never told
 * @param documents the numbers of those that tell it, ascending
 */
record Plant(
        int id,
        String name,
        String relation,
        String answer,
        List<String> wrong,
        Plan plan,
        double from,
        List<Integer> documents) {

    /** What is done with a fact. */
    enum Plan {
        /** Told from a place on, again and again to the end. */
        ONWARD,
        /** Told so many times, and never again. */
        TIMES,
        NEVER,
        /** Told from the beginning to the end, and not asked about. */
        PRACTICE
    }
}
