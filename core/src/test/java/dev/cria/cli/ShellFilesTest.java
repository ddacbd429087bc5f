package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What shells complete and what man(1) shows, by the shells and man themselves where they are installed. */
final class ShellFilesTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void write() throws IOException {
        ShellFiles.write(folder);
    }

    @Test
    void everyCommandHasAPageWithItsOptions() throws IOException {
        for (CommandLine command : HelpTest.commands()) {
            String name = command.getCommandSpec().qualifiedName("-");
            String page =
                    Files.readString(folder.resolve("man/man1/" + name + ".1")).replace("\\-", "-");
            assertThat(page).startsWith(".TH \"" + name.toUpperCase(java.util.Locale.ROOT) + "\" 1");
            command.getCommandSpec().options().forEach(o -> assertThat(page).contains(o.longestName()));
        }
    }

    @Test
    void manFindsNothingToComplainOf() throws Exception {
        assumeInstalled("man");
        try (Stream<Path> pages = Files.list(folder.resolve("man/man1"))) {
            for (Path page : pages.toList()) {
                String said = ran("man", "--warnings", "-l", "-E", "UTF-8", "-P", "cat", page.toString());
                assertThat(said).as(page.toString()).doesNotContain(": warning").contains("SYNOPSIS");
            }
        }
    }

    @Test
    void everyScriptKnowsEveryCommandAndOption() throws IOException {
        for (CompletionCommand.Shell shell : CompletionCommand.Shell.values()) {
            String script = Files.readString(folder.resolve("completion").resolve(shell.fileName()));
            for (CommandLine command : HelpTest.commands()) {
                assertThat(script).contains(command.getCommandName());
                command.getCommandSpec().subcommands().keySet().forEach(sub -> assertThat(script)
                        .contains(sub));
            }
            assertThat(script).contains("max-new-tokens").contains("bf16").contains("minhash");
        }
    }

    @Test
    void bashCompletes() throws Exception {
        String script = ". " + folder.resolve("completion/cria.bash")
                + "; COMP_WORDS=(cria pretr); COMP_CWORD=1; _complete_cria; echo ${COMPREPLY[@]}; exec 2> /dev/null;"
                + " COMP_WORDS=(cria prepare --ded); COMP_CWORD=2; _complete_cria; echo ${COMPREPLY[@]};"
                + " COMP_WORDS=(cria prepare --dedup mi); COMP_CWORD=3; _complete_cria; echo ${COMPREPLY[@]}";
        assertThat(ran("bash", "-c", script).lines()).containsExactly("pretrain", "--dedup --dedup-scope", "minhash");
    }

    @Test
    void fishCompletes() throws Exception {
        assumeInstalled("fish");
        String script = "source " + folder.resolve("completion/cria.fish")
                + "; complete -C 'cria pretr'; complete -C 'cria prepare --dedup '; complete -C 'cria tokenizer tr'";
        assertThat(ran("fish", "--no-config", "-c", script).lines().map(line -> line.split("\t")[0]))
                .containsExactly("pretrain", "exact", "minhash", "none", "train");
    }

    /** Its lines are a program; whether zsh takes them, zsh says without a terminal, and no more than that. */
    @Test
    void zshReadsItsScript() throws Exception {
        assumeInstalled("zsh");
        String script = "autoload -Uz compinit; compinit -u -D -d " + folder.resolve("dump") + "; fpath=("
                + folder.resolve("completion") + " $fpath); source " + folder.resolve("completion/_cria")
                + "; functions _cria_prepare | grep -o -- '--dedup.(none exact minhash)\\|(none exact minhash)'; echo"
                + " $_comps[cria]";
        List<String> said = ran("zsh", "-f", "-c", script).lines().toList();
        assertThat(said).containsExactly("(none exact minhash)", "_cria");
    }

    private static void assumeInstalled(String program) {
        assumeThat(Stream.of(System.getenv("PATH").split(":")).map(Path::of).map(p -> p.resolve(program)))
                .as(program + " is installed")
                .anyMatch(Files::isExecutable);
    }

    private static String ran(String... command) throws IOException, InterruptedException {
        Path said = folder.resolve("said.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("MANWIDTH", "100");
        int code = builder.start().waitFor();
        assertThat(code).as(Files.readString(said)).isZero();
        return Files.readString(said);
    }
}
