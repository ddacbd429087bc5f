package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * The help of every command is as it was last read: {@code mvn -pl core test -Dtest=HelpTest -Dhelp=write} writes the
 * files anew, which then want to be read.
 */
final class HelpTest {
    private static final Path GOLDEN = Path.of("src/test/resources/help");
    private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|'([^']*)'|(\\S+)");

    static List<CommandLine> commands() {
        List<CommandLine> commands = new ArrayList<>();
        addWithSubcommands(Main.commandLine(), commands);
        return commands;
    }

    private static void addWithSubcommands(CommandLine command, List<CommandLine> all) {
        all.add(command);
        Set.copyOf(command.getSubcommands().values()).forEach(sub -> addWithSubcommands(sub, all));
    }

    private static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName("-");
    }

    private static String help(CommandLine command) {
        return command.setUsageHelpAutoWidth(false).setUsageHelpWidth(80).getUsageMessage(Ansi.OFF);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpIsAsItWasLastRead(CommandLine command) throws IOException {
        Path file = GOLDEN.resolve(name(command) + ".txt");
        if ("write".equals(System.getProperty("help"))) {
            Files.createDirectories(GOLDEN);
            Files.writeString(file, help(command));
        }
        assertThat(file)
                .as("run: mvn -pl core test -Dtest=HelpTest -Dhelp=write")
                .exists();
        assertThat(help(command))
                .as("run: mvn -pl core test -Dtest=HelpTest -Dhelp=write")
                .isEqualTo(Files.readString(file));
    }

    /** Picocli converts what an Optional is of, but has no word for these. */
    @ParameterizedTest
    @MethodSource("commands")
    void everyOptionsValueCanBeRead(CommandLine command) {
        assertThat(command.getCommandSpec().args()).allSatisfy(argument -> assertThat(argument.type())
                .isNotIn(OptionalInt.class, OptionalLong.class, OptionalDouble.class));
    }

    @Test
    void thereIsNoHelpOfACommandThatIsGone() throws IOException {
        List<String> names = commands().stream().map(c -> name(c) + ".txt").toList();
        try (Stream<Path> files = Files.list(GOLDEN)) {
            assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf(names);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void descriptionsBeginWithOneWholeSentence(CommandLine command) {
        assertThat(command.getCommandSpec().usageMessage().description()[0])
                .matches("[A-Z][^.]*( [^ .]+\\.[^ .]+)*[^.]*\\.")
                .hasSizeLessThan(160);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void examplesStayOnOneLineAndCanBePasted(CommandLine command) {
        List<String> examples =
                help(command).lines().filter(line -> line.contains("./cria ")).toList();
        assertThat(examples).isNotEmpty();
        for (String example : examples) {
            String pasted = example.substring(example.indexOf("./cria ") + "./cria ".length())
                    .replaceFirst(" > \\S+$", "");
            if (!pasted.contains("COMMAND")) {
                assertThatCode(() -> Main.commandLine().parseArgs(words(pasted)))
                        .as(example)
                        .doesNotThrowAnyException();
            }
        }
    }

    /** picocli breaks lines after full stops, which are in names, too. */
    @ParameterizedTest
    @MethodSource("commands")
    void noWordIsBrokenAtTheEndOfALine(CommandLine command) {
        assertThat(help(command)).doesNotContainPattern("[./]\\R {10,}[a-z]|:\\R {10,}[N/]");
    }

    /** As a shell splits them. */
    static String[] words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group(3));
        }
        return words.toArray(String[]::new);
    }
}
