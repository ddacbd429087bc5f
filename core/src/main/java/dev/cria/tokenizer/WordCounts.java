package dev.cria.tokenizer;

import dev.cria.Progress;
import dev.cria.tokenizer.PreTokenizer.PreTokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** How often each pre-token of GPT-2's pattern stands in some texts; a word is its bytes as Latin-1. */
record WordCounts(Map<String, LongAdder> counts) {
    private static final int BATCH_CHARS = 1 << 22;

    /** Counts on all cores, a few megabytes of text at a time. */
    static WordCounts of(Stream<String> texts, Progress progress) {
        Map<String, LongAdder> counts = new ConcurrentHashMap<>();
        try (Progress.Task task = progress.begin("count words", "characters", -1)) {
            List<String> batch = new ArrayList<>();
            int chars = 0;
            for (Iterator<String> all = texts.iterator(); all.hasNext(); ) {
                String text = all.next();
                batch.add(text);
                chars += text.length();
                if (chars > BATCH_CHARS || !all.hasNext()) {
                    batch.parallelStream().forEach(t -> count(t, counts));
                    task.advance(chars);
                    batch.clear();
                    chars = 0;
                }
            }
        }
        return new WordCounts(counts);
    }

    private static void count(String text, Map<String, LongAdder> counts) {
        byte[] utf8 = Utf8.encode(text);
        PreTokens words = new Gpt2Pattern().over(utf8, 0, utf8.length);
        int start = 0;
        while (start < utf8.length) {
            int end = words.next();
            String word = new String(utf8, start, end - start, StandardCharsets.ISO_8859_1);
            counts.computeIfAbsent(word, _ -> new LongAdder()).increment();
            start = end;
        }
    }
}
