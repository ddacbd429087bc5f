package dev.cria.primer;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Plants what curation should find: pages without sentences, notices, repeated lines, copies and near-copies. */
final class Junk {
    /** A document with its educational score, and what it is for the record. */
    record Page(String text, double score, String kind) {}

    private static final List<String> MENU = List.of(
            "Home",
            "About us",
            "Contact",
            "Log in",
            "Register",
            "Forgot password",
            "Site map",
            "Archive",
            "Search",
            "Next page",
            "Previous page",
            "Share this",
            "Print",
            "Terms of use",
            "Privacy",
            "Help",
            "Your cart",
            "Back to top");
    private static final List<String> LATIN = List.of(
            "lorem",
            "ipsum",
            "dolor",
            "sit",
            "amet",
            "consectetur",
            "adipiscing",
            "elit",
            "sed",
            "eiusmod",
            "tempor",
            "incididunt",
            "labore",
            "dolore",
            "magna",
            "aliqua",
            "veniam",
            "nostrud",
            "ullamco",
            "laboris",
            "nisi");
    private static final List<String> NOTICES = List.of(
            "Please enable JavaScript to view this page",
            "This site uses cookies to improve your visit",
            "Click here to subscribe to our newsletter",
            "You must be logged in to post a comment",
            "The page that you asked for was not found");

    private Junk() {}

    /** A page without worth; the words of {@code concepts} fill its lists. */
    static Page worthless(List<Concept> concepts, SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> new Page(lines(MENU, 24, "\n", random), 0.2, "menu");
            case 1 -> new Page("Lorem ipsum " + lines(LATIN, 90, " ", random) + ".", 0.1, "lorem");
            case 2 -> {
                List<String> names = concepts.stream().map(c -> c.name().bare()).toList();
                yield new Page(lines(names, 70, ", ", random), 0.8, "keywords");
            }
            case 3 -> {
                String notice = Phrasebook.pick(NOTICES, random);
                yield new Page((notice + ".\n").repeat(8 + random.nextInt(8)).strip(), 0.3, "repeated");
            }
            case 4 -> new Page("### " + lines(MENU, 40, " ### ", random) + " ... ... ...", 0.1, "symbols");
            default -> new Page(Phrasebook.pick(NOTICES, random) + ".", 0.2, "notice");
        };
    }

    private static String lines(List<String> words, int count, String joint, SplittableRandom random) {
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chosen.add(Phrasebook.pick(words, random));
        }
        return String.join(joint, chosen);
    }

    /** The text with a line before or after it, as copies on other sites have; nearly all of its words are the same. */
    static String nearCopy(String text, SplittableRandom random) {
        return random.nextBoolean()
                ? text + "\nThis page was last changed in " + (1990 + random.nextInt(35)) + "."
                : "Copied from the school's pages.\n" + text;
    }
}
