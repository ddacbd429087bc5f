package dev.cria.primer;

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
        long intScore) {}
