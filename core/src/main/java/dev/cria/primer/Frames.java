package dev.cria.primer;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.type.TypeReference;

/** What stands around the facts of a lesson: the content of {@code frames.yaml}. */
record Frames(
        List<String> openings,
        List<String> wordOpenings,
        List<String> closings,
        List<String> joints,
        List<String> examples,
        List<String> others,
        List<String> contrasts,
        List<String> pairs,
        List<String> differences,
        List<String> riddles,
        List<String> answers,
        Talk talk,
        List<String> people,
        List<String> quizzes,
        List<String> checks,
        List<String> lists,
        List<String> howto,
        Map<String, List<String>> hints,
        List<String> more,
        List<String> tails) {

    /** What people say to each other, with {P} and {Q} for their names. */
    record Talk(List<String> ask, List<String> answer, List<String> scenes) {}

    /** What riddles say of a fact without naming its concept. */
    List<String> hints(Relation relation) {
        return Objects.requireNonNull(hints.get(relation.key()), relation.key());
    }

    static Frames load() {
        return Resources.yaml("frames.yaml", new TypeReference<>() {});
    }
}
