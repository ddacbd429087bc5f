package dev.cria.data.prepare;

import dev.cria.RequestException;
import dev.cria.data.dedup.WordRuns;
import dev.cria.data.source.BenchmarkTexts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds documents that share a run of 13 words with a benchmark: every text of its rows, in lower case and without
 * punctuation. Texts shorter than that cannot be told from ordinary language and are not looked for.
 *
 * @see "Brown et al. 2020, Language Models are Few-Shot Learners, appendix C, which has n between 8 and 13"
 */
public final class Contamination {
    static final String SIGN = "contaminated.";
    private static final int WORDS = 13;

    /** What to do with documents in which a benchmark is found. */
    public enum Policy {
        COUNT,
        DROP
    }

    private final Policy policy;
    private final List<String> tasks;
    /** A bit for each task, by the run's hash. */
    private final Map<Long, Long> tasksOfRun;

    private Contamination(Policy policy, List<String> tasks, Map<Long, Long> tasksOfRun) {
        this.policy = policy;
        this.tasks = tasks;
        this.tasksOfRun = tasksOfRun;
    }

    /**
     * Reads the benchmarks of a directory, a task for each {@code .jsonl} or {@code .parquet} file.
     *
     * @throws RequestException if there is none
     */
    public static Contamination of(Path directory, Policy policy) {
        SortedMap<String, List<String>> textsOf = new TreeMap<>(BenchmarkTexts.read(directory));
        if (textsOf.isEmpty() || textsOf.size() > Long.SIZE) {
            throw new RequestException(
                    directory + " holds " + textsOf.size() + " benchmark files, and 1 to 64 can be looked for",
                    "name a directory of files such as hellaswag_validation.jsonl");
        }
        List<String> tasks = new ArrayList<>(textsOf.keySet());
        Map<Long, Long> runs = new HashMap<>();
        for (int task = 0; task < tasks.size(); task++) {
            long bit = 1L << task;
            for (String text : textsOf.getOrDefault(tasks.get(task), List.of())) {
                for (long run : WordRuns.of(text, WORDS)) {
                    runs.merge(run, bit, (a, b) -> a | b);
                }
            }
        }
        return new Contamination(policy, tasks, runs);
    }

    public Policy policy() {
        return policy;
    }

    /** The benchmarks' tasks, by their files' names. */
    public List<String> tasks() {
        return tasks;
    }

    Map<String, Object> describe() {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("policy", policy.name());
        described.put("tasks", tasks);
        return described;
    }

    /** The tasks that a text shares a run with. */
    List<String> tasksIn(String text) {
        long found = 0;
        for (long run : WordRuns.of(text, WORDS)) {
            found |= tasksOfRun.getOrDefault(run, 0L);
        }
        List<String> names = new ArrayList<>();
        for (int task = 0; task < tasks.size(); task++) {
            if ((found >>> task & 1) == 1) {
                names.add(tasks.get(task));
            }
        }
        return names;
    }
}
