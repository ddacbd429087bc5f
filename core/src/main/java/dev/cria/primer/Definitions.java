package dev.cria.primer;

import dev.cria.primer.Fact.Purpose;
import dev.cria.primer.Fact.Words;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.sf.extjwnl.data.POS;

/** Turns glosses into definitions that fit after "is", and reads from them what things are used for. */
final class Definitions {
    private static final Pattern HEAD_ENDS =
            Pattern.compile(" (?:of|that|which|who|with|without|having|used|in|for|from|to|on|by|whose|between|at|under"
                    + "|over|made|consisting|resembling|containing|characterized|when|where|as|into|about|after"
                    + "|before|similar|usually|especially|often|formed|given|found|worn|held|built|carried|covered"
                    + "|designed|near|against|through|like|done|played|being|produced|caused|intended|inhabiting"
                    + "|growing|native|living|located|situated|bearing)\\b|,");
    private static final List<Pattern> PURPOSES = List.of(
            Pattern.compile("\\bused (?:especially |chiefly |primarily |mainly )?(?:for|in) ([a-z]+ing\\b[^,;:]*)"),
            Pattern.compile("\\b(?:used|serves|designed|intended|employed) (?:especially |chiefly |primarily )?to"
                    + " ([a-z]+\\b[^,;:]*)"),
            Pattern.compile("^(?:an? |any )?(?:[a-z-]+ ){1,5}for ([a-z]+ing\\b[^,;:]*)"));

    /** What there is one of takes the definite article. */
    private static final Pattern ONLY_ONE = Pattern.compile(
            "^(?:national |official )?(?:capital|largest|highest|longest|smallest|oldest|second largest)\\b");

    private final WordNet wordNet;
    private final English english;

    Definitions(WordNet wordNet, English english) {
        this.wordNet = wordNet;
        this.english = english;
    }

    /** The definition in words that follow "is" (nouns, adjectives) or "to" (verbs), where the gloss allows it. */
    Optional<Words> of(Entry entry, Name name) {
        String raw = entry.definition();
        int words = raw.split(" ").length;
        if (words < 2
                || words > 20
                || !raw.matches("[A-Za-z][A-Za-z0-9 ,'-]+")
                || mentions(raw, entry)
                || raw.matches(".*\\b(etc|e g|i e|sense)\\b.*")) {
            return Optional.empty();
        }
        return switch (entry.pos()) {
            case NOUN -> noun(raw, name);
            case VERB ->
                raw.matches("(be|to|of) .*") || !beginsWithVerb(raw)
                        ? Optional.empty()
                        : Optional.of(new Words("to " + raw, raw, "means to " + raw));
            case ADJECTIVE ->
                raw.matches("(of|used|relating|pertaining|in|a|an|the|being|with|to|by|on|at|from|as|have|has) .*")
                        ? Optional.empty()
                        : adjective(raw);
            default -> Optional.empty();
        };
    }

    private static boolean mentions(String raw, Entry entry) {
        String text = " " + raw.toLowerCase() + " ";
        return entry.lemmas().stream().anyMatch(lemma -> text.contains(" " + lemma.toLowerCase()));
    }

    private boolean beginsWithVerb(String raw) {
        return !wordNet.senses(POS.VERB, raw.split("[ ,]", 2)[0]).isEmpty();
    }

    /** "Having few parts" becomes "has few parts". */
    private Optional<Words> adjective(String raw) {
        String predicate = english.infinitive(raw)
                .map(infinitive -> English.thirdPerson(infinitive))
                .orElse("is " + raw);
        return Optional.of(new Words(raw, raw, predicate));
    }

    private Optional<Words> noun(String raw, Name name) {
        if (raw.matches("(of|in|used|to|by|with|when|not|where) .*")) {
            return Optional.empty();
        }
        if (English.hasDeterminer(raw)) {
            return Optional.of(new Words(raw, raw, "is " + raw));
        }
        Matcher end = HEAD_ENDS.matcher(raw);
        String head = end.find() ? raw.substring(0, end.start()) : raw;
        String noun = head.substring(head.lastIndexOf(' ') + 1);
        boolean plural = noun.endsWith("s") && !noun.matches(".*(ss|us|is|ics)");
        boolean known = !wordNet.senses(POS.NOUN, noun).isEmpty();
        if (plural || !known || english.plural(noun).equals(noun)) {
            return Optional.empty();
        }
        String phrase = raw;
        if (ONLY_ONE.matcher(raw).find()) {
            phrase = "the " + raw;
        } else if (name.isCount() || name.isProper()) {
            phrase = English.withArticle(raw);
        }
        return Optional.of(new Words(phrase, raw, "is " + phrase));
    }

    /** What the definition says that the thing is for. */
    Optional<Purpose> purpose(Entry entry) {
        for (Pattern pattern : PURPOSES) {
            Matcher matcher = pattern.matcher(entry.definition());
            if (matcher.find()) {
                String phrase = matcher.group(1).strip();
                int words = phrase.split(" ").length;
                return words < 2 || words > 9 ? Optional.empty() : purpose(phrase);
            }
        }
        return Optional.empty();
    }

    private Optional<Purpose> purpose(String phrase) {
        String first = phrase.split(" ", 2)[0];
        if (first.endsWith("ing") && first.length() > 5) {
            return english.infinitive(phrase).map(infinitive -> new Purpose(phrase, infinitive));
        }
        return english.gerund(phrase).map(gerund -> new Purpose(gerund, phrase));
    }
}
