package dev.cria.cli;

import dev.cria.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Reads the texts of an option that takes several. A word that begins with two dashes is an option, known or mistyped,
 * and never a text; after a bare {@code --} every word is one.
 */
final class Words implements IParameterConsumer {
    private static final String END_OF_OPTIONS = "--";

    @Override
    public void consumeParameters(Stack<String> arguments, ArgSpec option, CommandSpec command) {
        List<String> earlier = option.getValue();
        List<String> words = new ArrayList<>(earlier);
        int before = words.size();
        while (!arguments.isEmpty() && isText(arguments.peek(), command)) {
            words.add(arguments.pop());
        }
        if (!arguments.isEmpty() && arguments.peek().equals(END_OF_OPTIONS)) {
            arguments.pop();
            while (!arguments.isEmpty()) {
                words.add(arguments.pop());
            }
        }
        if (words.size() == before) {
            String next = arguments.isEmpty() ? "nothing follows" : arguments.peek() + " follows";
            throw new RequestException(
                    "--prompt needs a text, and " + next,
                    "--prompt \"Once upon a time\"; a text that begins with dashes goes after --: --prompt --"
                            + " \"--help\"");
        }
        option.setValue(words);
    }

    private static boolean isText(String word, CommandSpec command) {
        return !word.startsWith("--") && !command.optionsMap().containsKey(word);
    }
}
