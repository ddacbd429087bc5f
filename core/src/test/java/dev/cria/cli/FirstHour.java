package dev.cria.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The blocks of docs/first-hour.md that are typed into a shell. */
final class FirstHour {
    static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern BLOCK = Pattern.compile("```bash\n(.*?)```", Pattern.DOTALL);

    private FirstHour() {}

    static List<String> blocks() throws IOException {
        String page = Files.readString(HOME.resolve("docs/first-hour.md"));
        return BLOCK.matcher(page)
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
    }
}
