package dev.cria.cli;

import dev.cria.Progress;
import dev.cria.data.filter.ClassifierTraining;
import dev.cria.data.source.Reading;
import dev.cria.data.source.Sources;
import dev.cria.format.hub.Hub;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria classifier}: a scorer of raw text for {@code prepare}. */
@Command(
        name = "classifier",
        description = "Trains classifiers that score raw text for prepare --min-edu-score.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example:", "  ./cria classifier train labelled.jsonl --out edu.safetensors"},
        subcommands = {ClassifierCommand.Train.class})
final class ClassifierCommand {

    @Command(
            name = "train",
            description =
                    "Trains a classifier on scored texts and reports how well it does on every tenth text, held out.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:",
                "  ./cria classifier train labelled.jsonl --out edu.safetensors",
                "",
                "Each line of labelled.jsonl is {\"text\": \"…\", \"score\": 3}."
            })
    static final class Train implements Callable<Integer> {
        @Parameters(
                arity = "1..*",
                paramLabel = "LABELLED",
                description = "Parquet or JSON Lines files with a text and a number under score.")
        private List<String> inputs = List.of();

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "File to write the classifier to.")
        private Path out = Path.of("");

        @Mixin
        private TextFieldOption textField = new TextFieldOption();

        @Mixin
        private ProgressOptions progress = new ProgressOptions();

        @Override
        public Integer call() {
            Progress shown = progress.progress();
            Sources sources = Sources.find(inputs, Reading.of(textField.name()), Hub.ofEnvironment(shown));
            System.out.println(ClassifierTraining.run(sources, out, shown));
            return 0;
        }
    }
}
