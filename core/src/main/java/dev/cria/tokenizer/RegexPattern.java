package dev.cria.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Any other pattern, run by {@code java.util.regex}: each match is a pre-token, and so is what lies between two.
 * Several times slower than the patterns scanned by hand.
 */
record RegexPattern(Pattern pattern) implements PreTokenizer {

    /**
     * The pattern with the meaning that it has in Hugging Face's files: {@code \s}, {@code \d} and case are Unicode's.
     *
     * @throws java.util.regex.PatternSyntaxException if Java can't read it
     */
    static RegexPattern of(String regex) {
        return new RegexPattern(Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS));
    }

    @Override
    public PreTokens over(byte[] utf8, int from, int to) {
        return new Scan(pattern.matcher(new String(utf8, from, to - from, StandardCharsets.UTF_8)), utf8, from, to);
    }

    @Override
    public String signature() {
        return pattern.pattern();
    }

    private static final class Scan implements PreTokens {
        private final Matcher matcher;
        private final byte[] utf8;
        private final int end;
        private int at;
        private int charsBefore;
        private boolean inGap;

        Scan(Matcher matcher, byte[] utf8, int from, int to) {
            this.matcher = matcher;
            this.utf8 = utf8;
            this.at = from;
            this.end = to;
        }

        @Override
        public int next() {
            if (inGap) {
                inGap = false;
                return forwardTo(matcher.end());
            }
            do {
                if (!matcher.find()) {
                    at = end;
                    return at;
                }
            } while (matcher.end() == matcher.start());
            inGap = matcher.start() > charsBefore;
            return forwardTo(inGap ? matcher.start() : matcher.end());
        }

        private int forwardTo(int chars) {
            while (charsBefore < chars) {
                int width = CodePoints.width(utf8[at]);
                charsBefore += width == 4 ? 2 : 1;
                at += width;
            }
            return at;
        }
    }
}
