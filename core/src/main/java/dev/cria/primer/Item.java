package dev.cria.primer;

import java.util.List;

/**
 * A question with choices, the right one first; a benchmark's schema and the place of the right choice come later.
 *
 * @param context what is asked, a passage, or a sentence with a gap, as the task needs it
 * @param claims what would be true if each choice were right
 */
record Item(String context, String question, List<String> choices, List<Fact> claims) {}
