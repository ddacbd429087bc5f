package dev.cria.primer;

import java.util.regex.Pattern;

/**
 * A document in FineWeb-Edu's schema; the columns are the names in snake case.
 *
 * @param tokenCount words and punctuation marks, a lower bound of a tokenizer's count
 * @param score how educational, 0 to 5, known from how the document was made
 */
record DocumentRow(
        String text,
        String id,
        String dump,
        String url,
        String filePath,
        String language,
        double languageScore,
        long tokenCount,
        double score,
        long intScore) {
    private static final Pattern PIECE = Pattern.compile("\\w+|[^\\w\\s]");

    /** Words and punctuation marks. */
    static long tokens(String text) {
        return PIECE.matcher(text).results().count();
    }

    /** The same with more text at its end. */
    DocumentRow with(String more) {
        String whole = text + more;
        return new DocumentRow(whole, id, dump, url, filePath, language, languageScore, tokens(whole), score, intScore);
    }
}
