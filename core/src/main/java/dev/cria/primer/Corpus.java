package dev.cria.primer;

import dev.cria.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * All documents, in an order that the seed decides, and how often they state each fact. Lessons are written concept by
 * concept, each with random numbers of its own, so the number of threads changes nothing.
 */
record Corpus(List<DocumentRow> documents, int[] statements, Map<String, Integer> kinds) {
    private static final double WORTHLESS = 0.03;
    private static final double COPIES = 0.02;
    private static final double NEAR_COPIES = 0.03;

    private record Draft(String text, double score, String kind, String path, String url) {}

    static Corpus write(Syllabus syllabus, Phrasebook phrasebook, PrimerOptions options, Progress progress) {
        Frames frames = Frames.load();
        List<Concept> concepts = new ArrayList<>(syllabus.common());
        concepts.addAll(syllabus.others());
        int common = syllabus.common().size();
        List<List<Lesson>> lessons;
        try (Progress.Task task = progress.begin("write lessons", "concepts", concepts.size())) {
            lessons = IntStream.range(0, concepts.size())
                    .parallel()
                    .mapToObj(i -> {
                        int count = i < common ? options.size().lessons() : 1;
                        SplittableRandom random = new SplittableRandom(mix(options.seed(), i));
                        List<Lesson> own =
                                new Lessons(syllabus, phrasebook, frames, concepts.get(i), random).write(count);
                        task.advance(1);
                        return own;
                    })
                    .toList();
        }
        List<Lesson> all = lessons.stream().flatMap(List::stream).toList();
        int[] statements = new int[syllabus.facts().size()];
        all.forEach(lesson -> lesson.stated().forEach(id -> statements[id]++));
        return assemble(all, syllabus, options.seed(), statements);
    }

    /** The same with other documents. */
    Corpus withDocuments(List<DocumentRow> other) {
        return new Corpus(other, statements, kinds);
    }

    private static long mix(long seed, long index) {
        return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + index).nextLong();
    }

    private static Corpus assemble(List<Lesson> lessons, Syllabus syllabus, long seed, int[] statements) {
        SplittableRandom random = new SplittableRandom(mix(seed, -1));
        List<Draft> drafts = new ArrayList<>();
        for (Lesson lesson : lessons) {
            Draft draft = draft(lesson, random);
            drafts.add(draft);
            double chance = random.nextDouble();
            if (chance < COPIES) {
                drafts.add(new Draft(draft.text(), draft.score(), "copy", draft.path(), draft.url() + "?copy"));
            } else if (chance < COPIES + NEAR_COPIES) {
                String near = Junk.nearCopy(draft.text(), random);
                drafts.add(new Draft(near, draft.score() - 0.2, "near copy", draft.path(), draft.url() + "?mirror"));
            } else if (chance < COPIES + NEAR_COPIES + WORTHLESS) {
                Junk.Page page = worthless(syllabus, random);
                drafts.add(new Draft(page.text(), page.score(), page.kind(), "primer/web", draft.url() + "?page"));
            }
        }
        Map<String, Integer> kinds = new LinkedHashMap<>();
        drafts.forEach(draft -> kinds.merge(draft.kind(), 1, Integer::sum));
        return new Corpus(rows(Voice.shuffled(drafts, random), seed), statements, kinds);
    }

    private static Draft draft(Lesson lesson, SplittableRandom random) {
        Entry entry = lesson.concept().entry();
        double score = Math.min(5, lesson.form().score() + random.nextDouble() - 0.5);
        String form = lesson.form().name().toLowerCase(Locale.ROOT);
        String url = "wordnet:" + entry.pos().getKey() + "/" + entry.offset() + "/" + form;
        return new Draft(lesson.text(), score, form, "primer/" + entry.file(), url);
    }

    /** A keyword list could name both ends of a held-out fact, so it is made until it does not. */
    private static Junk.Page worthless(Syllabus syllabus, SplittableRandom random) {
        Junk.Page page = Junk.worthless(syllabus.common(), random);
        while (!syllabus.heldOut().allows(page.text())) {
            page = Junk.worthless(syllabus.common(), random);
        }
        return page;
    }

    private static List<DocumentRow> rows(List<Draft> drafts, long seed) {
        List<DocumentRow> rows = new ArrayList<>();
        for (Draft draft : drafts) {
            double score = Math.round(draft.score() * 1000) / 1000.0;
            rows.add(new DocumentRow(
                    draft.text(),
                    String.format(Locale.ROOT, "primer-%d-%06d", seed, rows.size()),
                    "PRIMER-" + seed,
                    draft.url(),
                    draft.path(),
                    "en",
                    draft.kind().equals("lorem") ? 0.1 : 0.99,
                    DocumentRow.tokens(draft.text()),
                    score,
                    Math.round(score)));
        }
        return rows;
    }
}
