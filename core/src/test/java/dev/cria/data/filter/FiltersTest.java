package dev.cria.data.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.data.source.Row;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FiltersTest {
    private static final String[] WORDS =
            ("the river carries fine sand down from the hills and leaves that sand where it slows because slow water"
                            + " cannot hold heavy grains with which banks grow until floods have moved them again to be"
                            + " part of some other shore far below old towns")
                    .split(" ");

    /** A clean text: lines of three sentences, no two alike. */
    private static String clean(int lines) {
        return IntStream.range(0, lines)
                .mapToObj(i ->
                        IntStream.range(0, 3).mapToObj(j -> sentence(i * 3 + j)).collect(Collectors.joining(" ")))
                .collect(Collectors.joining("\n"));
    }

    private static String sentence(int seed) {
        StringBuilder sentence = new StringBuilder("Once");
        long state = seed * 2_654_435_761L + 12_345;
        for (int i = 0; i < 11; i++) {
            state = state * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
            sentence.append(' ').append(WORDS[(int) Long.remainderUnsigned(state >>> 33, WORDS.length)]);
        }
        return sentence.append(" number").append(seed).append('.').toString();
    }

    @Test
    void aCleanTextPassesFineWebUnchanged() {
        assertThat(FilterFile.named("fineweb").judge(document(clean(12)))).isEqualTo(Verdict.KEEP);
    }

    @Test
    void gopherQualityCountsWordsWithoutSigns() {
        String fortyNine = "word ".repeat(48) + "the and, . ! ? - ( )";
        assertDropped(
                new GopherQuality(51, 100, 0, 99, 1, 1, 1, 0, true, 0, GopherQuality.STANDARD.stopWords()),
                fortyNine,
                "gopher_quality.short",
                "50 words < 51");
        assertThat(new GopherQuality(50, 100, 0, 99, 1, 1, 1, 0, true, 0, GopherQuality.STANDARD.stopWords())
                        .judge(new TextView(document(fortyNine))))
                .isEqualTo(Verdict.KEEP);
        assertDropped(
                new GopherQuality(1, 49, 0, 99, 1, 1, 1, 0, true, 0, GopherQuality.STANDARD.stopWords()),
                fortyNine,
                "gopher_quality.long",
                "50 words > 49");
    }

    @Test
    void gopherQualityRules() {
        GopherQuality standard = GopherQuality.STANDARD;
        String text = clean(6);
        assertThat(standard.judge(new TextView(document(text)))).isEqualTo(Verdict.KEEP);
        assertDropped(standard, "a b the of ".repeat(30), "gopher_quality.short_words", "1.750 < 3");
        assertDropped(
                standard,
                "internationalisation with the ".repeat(1) + "counterrevolutionaries ".repeat(60),
                "gopher_quality.long_words",
                "> 10");
        assertDropped(standard, text.replace(" the ", " # # # the # # # "), "gopher_quality.hashes", "> 0.1");
        assertDropped(
                standard,
                text.replace(" the ", " ... the ... … ").replace(" sand ", "… sand ... "),
                "gopher_quality.ellipses",
                "> 0.1");
        assertDropped(
                standard,
                text.replace("number", " 101 102 103 104 105 106 107 108 109 "),
                "gopher_quality.letters",
                "< 0.8");
        assertDropped(standard, "- " + text.replace("\n", "\n• "), "gopher_quality.bullets", "1.000 > 0.9");
        assertDropped(standard, text.replace(".\n", "...\n"), "gopher_quality.trailing_ellipses", "> 0.3");
        assertDropped(
                standard, "river sand water hills stone ".repeat(20), "gopher_quality.stop_words", "0 stop words < 2");
        assertDropped(
                standard,
                "river sand water hills the The ".repeat(20),
                "gopher_quality.stop_words",
                "1 stop words < 2");
    }

    @Test
    void signsCountAmongTheWordsThatNeedLettersUnlessOneSaysOtherwise() {
        String text = "the river, of sand; ".repeat(30) + ". ".repeat(30);
        assertDropped(GopherQuality.STANDARD, text, "gopher_quality.letters", "0.571 < 0.8");
        FilterChain words = FilterFile.parse("test", "- gopher_quality: {signs_are_words: false}\n");
        assertThat(words.judge(document(text))).isEqualTo(Verdict.KEEP);
    }

    /** Ten lines of ten characters, of which three, and then four, stood before. */
    @Test
    void repeatedLinesAndParagraphsAreCountedByNumberAndByCharacters() {
        String unique = "aaaaaaaaaa\nbbbbbbbbbb\ncccccccccc\ndddddddddd\neeeeeeeeee\nffffffffff\n";
        GopherRepetition lines = new GopherRepetition(0.3, 1, 1, 1, Map.of(), Map.of());
        assertThat(lines.judge(new TextView(document(unique + "gggggggggg\naaaaaaaaaa\naaaaaaaaaa\nbbbbbbbbbb"))))
                .isEqualTo(Verdict.KEEP);
        assertDropped(
                lines,
                unique + "aaaaaaaaaa\naaaaaaaaaa\naaaaaaaaaa\nbbbbbbbbbb",
                "gopher_repetition.lines",
                "0.400 > 0.3");
        GopherRepetition characters = new GopherRepetition(1, 1, 0.2, 1, Map.of(), Map.of());
        assertDropped(
                characters, unique + "aaaaaaaaaa\naaaaaaaaaa", "gopher_repetition.lines_characters", "0.230 > 0.2");
        GopherRepetition paragraphs = new GopherRepetition(1, 0.3, 1, 1, Map.of(), Map.of());
        assertDropped(paragraphs, "one\n\ntwo\n\n\none", "gopher_repetition.paragraphs", "0.333 > 0.3");
    }

    @Test
    void theMostFrequentPairAndRepeatedRunsAreCountedByCharacters() {
        // 12 words of 3: "one two" three times is 21 of 47 characters.
        Words words = Words.of("one two abc one two def one two ghi jkl mno pqr");
        assertThat(new NGrams(words).mostFrequent(2)).isEqualTo(21);
        // Of three words each comes once, and the first counts.
        assertThat(new NGrams(words).mostFrequent(3)).isEqualTo(11);
        assertThat(new NGrams(words).repeated(2)).isEqualTo(12);
        // A run that repeats itself counts each character once: 10 words, the first 5-gram is new, the other repeats.
        assertThat(new NGrams(Words.of("a a a a a a a a a a")).repeated(5)).isEqualTo(5);
        assertThat(new NGrams(Words.of("")).repeated(5)).isZero();
    }

    @Test
    void c4DropsLinesAndKeepsTheOthersInOrder() {
        String text = clean(3) + "\nPlease enable JavaScript to go on.\n" + sentence(100) + " [12] Read [edit] it.\n"
                + "See our privacy policy for more.\nshort line\n" + "x".repeat(1001) + " is a long word.\n" + clean(2);
        Verdict verdict = C4Lines.STANDARD.judge(new TextView(document(text)));
        assertThat(verdict)
                .isEqualTo(new Verdict.Edit("c4_lines", clean(3) + "\n" + sentence(100) + "  Read  it.\n" + clean(2)));
    }

    @Test
    void c4DropsWholeDocuments() {
        assertDropped(C4Lines.STANDARD, clean(5) + "\nLorem Ipsum dolor sit amet.", "c4_lines.lorem_ipsum", "lorem");
        assertDropped(C4Lines.STANDARD, clean(5) + "\nif (a) { return; }", "c4_lines.curly_bracket", "{");
        assertDropped(
                C4Lines.STANDARD,
                "One here now. Two here now. Three here. Four here.",
                "c4_lines.few_sentences",
                "4 sentences < 5");
        assertDropped(
                new C4Lines(true, 5, 3, 1000),
                clean(5).replace(".\n", "\n"),
                "c4_lines.few_sentences",
                "3 sentences < 5");
    }

    @Test
    void fineWebRules() {
        FineWebQuality standard = FineWebQuality.STANDARD;
        assertThat(standard.judge(new TextView(document(clean(6))))).isEqualTo(Verdict.KEEP);
        assertDropped(
                standard,
                clean(10).replace(".\n", "\n").replaceAll("\\.$", ""),
                "fineweb_quality.punctuation",
                "0.000 < 0.12");
        assertDropped(
                standard,
                clean(1) + "\nA brief one.\nAnother brief.\nThird.",
                "fineweb_quality.short_lines",
                "0.750 > 0.67");
        assertDropped(standard, clean(3) + "\n" + clean(1), "fineweb_quality.repeated_characters", "0.243 > 0.01");
        assertDropped(standard, clean(3).replace("\n", "\n".repeat(40)), "fineweb_quality.line_breaks", "> 0.3");
        assertDropped(standard, " \n ", "fineweb_quality.empty", "no line");
    }

    @Test
    void theLanguageIsToldFromTheText() {
        assertThat(Language.STANDARD.judge(new TextView(document(clean(3))))).isEqualTo(Verdict.KEEP);
        assertDropped(
                Language.STANDARD,
                "Der Fluss trägt feinen Sand von den Hügeln herab und lässt ihn dort liegen, wo er langsamer wird.",
                "language.deu",
                "not one of [eng]");
        assertDropped(
                Language.STANDARD,
                "La rivière transporte du sable fin depuis les collines et le dépose là où elle ralentit.",
                "language.fra",
                "not one of");
        assertDropped(Language.STANDARD, "  ", "language.none", "no text");
    }

    @Test
    void laterFiltersSeeTheEditedText() {
        FilterChain chain = FilterFile.parse("test", "- c4_lines\n- gopher_quality: {min_words: 130}\n");
        assertThat(chain.judge(document(clean(3) + "\nUse of JavaScript with the words that count to be here.")))
                .isEqualTo(new Verdict.Drop("gopher_quality.short", "121 words < 130"));
    }

    @Test
    void whatIsKnownToStayIsEditedAsByAllFilters() {
        FilterChain chain = FilterFile.named("fineweb");
        String clean = clean(12);
        String withScript = clean.replaceFirst("\n", "\nPlease enable JavaScript to go on.\n");
        for (String text : List.of(clean, withScript, clean + "  ")) {
            Verdict all = chain.judge(document(text));
            assertThat(all).isNotInstanceOf(Verdict.Drop.class);
            assertThat(chain.edit(document(text))).isEqualTo(all);
        }
        for (DocumentFilter filter : chain.filters()) {
            assertThat(filter.edits()).as(filter.name()).isEqualTo(filter instanceof C4Lines);
        }
    }

    @Test
    void theEducationalScoreIsTheRowsOwnOrAClassifiers() {
        EduScore three = new EduScore(3, Optional.empty());
        Row.Document scored = new Row.Document(
                "a", 0, Optional.empty(), "x", Row.Encoding.SOUND, Optional.empty(), OptionalDouble.of(2.99));
        assertThat(three.judge(new TextView(scored))).isEqualTo(new Verdict.Drop("edu_score", "2.990 < 3"));
        assertThatThrownBy(() -> three.judge(new TextView(document("x"))))
                .hasMessage("a row 0 has no number under 'score'");
    }

    private static void assertDropped(DocumentFilter filter, String text, String rule, String detail) {
        Verdict verdict = filter.judge(new TextView(document(text)));
        assertThat(verdict)
                .as(text.substring(0, Math.min(60, text.length())).toLowerCase(Locale.ROOT))
                .isInstanceOf(Verdict.Drop.class);
        Verdict.Drop drop = (Verdict.Drop) verdict;
        assertThat(drop.rule()).isEqualTo(rule);
        assertThat(drop.detail()).contains(detail);
    }

    static Row.Document document(String text) {
        return new Row.Document(
                "a", 0, Optional.empty(), text, Row.Encoding.SOUND, Optional.empty(), OptionalDouble.empty());
    }
}
