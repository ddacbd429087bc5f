package dev.cria.primer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A lesson as it is being written: sentences in paragraphs, and the facts that they state. */
final class Draft {
    private final HeldOut heldOut;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder plain = new StringBuilder();
    private final List<Integer> stated = new ArrayList<>();

    Draft(HeldOut heldOut) {
        this.heldOut = heldOut;
    }

    /** Adds a sentence to the paragraph, unless it repeats too much or the text would name both ends of a held-out fact. */
    boolean say(String sentence, Fact... facts) {
        return add(text.isEmpty() || endsLine() ? "" : " ", sentence, facts);
    }

    /** Adds a sentence on a line of its own. */
    boolean line(String sentence, Fact... facts) {
        return add(text.isEmpty() || endsLine() ? "" : "\n", sentence, facts);
    }

    private boolean endsLine() {
        return text.charAt(text.length() - 1) == '\n';
    }

    private boolean add(String joint, String sentence, Fact... facts) {
        if (sentence.indexOf('{') >= 0) {
            throw new IllegalStateException("a slot was left open: " + sentence);
        }
        String words = HeldOut.normalise(sentence);
        if (repeats(facts) || !heldOut.allows(plain.toString(), words)) {
            return false;
        }
        plain.append(words);
        text.append(joint).append(sentence);
        for (Fact fact : facts) {
            stated.add(fact.id());
        }
        return true;
    }

    /** A definition stands once in a lesson, a fact of few words twice, else filters take the lesson for spam. */
    private boolean repeats(Fact... facts) {
        for (Fact fact : facts) {
            int most = fact.value() instanceof Fact.Thing ? 2 : 1;
            if (Collections.frequency(stated, fact.id()) >= most) {
                return true;
            }
        }
        return false;
    }

    /** The next sentence begins a paragraph. */
    void paragraph() {
        if (!text.isEmpty() && !endsLine()) {
            text.append('\n');
        }
    }

    int length() {
        return text.length();
    }

    Lesson finish(Concept concept, Lesson.Form form) {
        return new Lesson(concept, form, text.toString().strip(), List.copyOf(stated));
    }

    static String fill(String template, Name name, Map<String, String> more) {
        return English.sentence(Phrasebook.fill(Phrasebook.fill(template, name), more));
    }
}
