package dev.cria.tokenizer;

/** Cuts a text into pre-tokens, across whose borders nothing is ever merged. */
sealed interface PreTokenizer permits Gpt2Pattern, Llama3Pattern, RegexPattern, DigitSplit, PreTokenizerSequence {

    /** The pre-tokens of {@code utf8[from, to)}, well-formed UTF-8; together they cover all of it. */
    PreTokens over(byte[] utf8, int from, int to);

    /** Names all that decides where it cuts; equal for equal behaviour however a file spelled it. */
    String signature();

    /** A walk over the pre-tokens of one text. */
    interface PreTokens {
        /** The end of the next pre-token, which begins where the last one ended; only while there is text left. */
        int next();
    }
}
