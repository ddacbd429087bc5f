package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The words of the first hour are words that Cria knows; {@link FirstHourIT} runs them. */
final class FirstHourTest {

    @Test
    void everyCommandIsOneThatCriaTakes() throws IOException {
        List<String> commands = FirstHour.blocks().stream()
                .flatMap(String::lines)
                .filter(line -> line.contains("./cria "))
                .toList();
        assertThat(commands).hasSizeGreaterThan(15);
        for (String command : commands) {
            String typed = command.substring(command.indexOf("./cria ") + "./cria ".length())
                    .replaceFirst(" > \\S+$", "");
            assertThatCode(() -> Main.commandLine().parseArgs(HelpTest.words(typed)))
                    .as(command)
                    .doesNotThrowAnyException();
        }
    }
}
