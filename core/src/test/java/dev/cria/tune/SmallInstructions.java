package dev.cria.tune;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Instruction rows in alpaca's form that a small model can learn something of: a few kinds of task, many instances. */
final class SmallInstructions {
    private static final List<List<String>> OPPOSITES = List.of(
            List.of("hot", "cold"),
            List.of("big", "small"),
            List.of("early", "late"),
            List.of("full", "empty"),
            List.of("light", "heavy"),
            List.of("open", "closed"),
            List.of("wet", "dry"),
            List.of("young", "old"),
            List.of("soft", "hard"),
            List.of("near", "far"));
    private static final List<String> NOUNS = List.of(
            "llama",
            "cloud",
            "river",
            "candle",
            "garden",
            "mountain",
            "letter",
            "window",
            "bottle",
            "planet",
            "basket",
            "engine",
            "pencil",
            "forest",
            "island",
            "mirror",
            "ladder",
            "button",
            "kitten",
            "violin");
    private static final List<String> COLOURS = List.of("red", "green", "blue", "white", "black");

    private SmallInstructions() {}

    /** 240 rows: 20 of opposites, 40 of plurals, 100 of sums, 80 of colours from an input. */
    static List<Map<String, String>> rows() {
        List<Map<String, String>> rows = new ArrayList<>();
        for (List<String> pair : OPPOSITES) {
            rows.add(row("What is the opposite of " + pair.get(0) + "?", "", "The opposite is " + pair.get(1) + "."));
            rows.add(row("What is the opposite of " + pair.get(1) + "?", "", "The opposite is " + pair.get(0) + "."));
        }
        for (String noun : NOUNS) {
            rows.add(row("Write the plural of the word.", noun, "The plural is " + noun + "s."));
            rows.add(row("There is one " + noun + ". Make it two.", "", "There are two " + noun + "s."));
        }
        for (int a = 0; a < 10; a++) {
            for (int b = 0; b < 10; b++) {
                rows.add(row("Add the numbers.", a + " and " + b, a + " and " + b + " are " + (a + b) + "."));
            }
        }
        for (int i = 0; i < 80; i++) {
            String noun = NOUNS.get(i % NOUNS.size());
            String colour = COLOURS.get(i / NOUNS.size() % COLOURS.size());
            rows.add(row("Which colour is named?", "The " + noun + " is " + colour + ".", "It is " + colour + "."));
        }
        return rows;
    }

    private static Map<String, String> row(String instruction, String input, String output) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("instruction", instruction);
        row.put("input", input);
        row.put("output", output);
        return row;
    }

    static Path write(Path file) throws IOException {
        Files.writeString(file, new JsonMapper().writeValueAsString(rows()));
        return file;
    }
}
