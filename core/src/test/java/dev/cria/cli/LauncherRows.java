package dev.cria.cli;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What {@link LauncherIT} types, in this order: later lines use what earlier ones wrote. */
final class LauncherRows {
    static final List<Row> ALL = Stream.of(
                    rows("--version"),
                    rows("doctor"),
                    rows("completion %s", "bash", "zsh", "fish"),
                    rows("primer --size quick --plant 10 --plant-times 3 --out primer"),
                    rows("tokenizer train text.txt --vocab-size 300 --out tok"),
                    rows("help tokenizer info"),
                    rows("tokenizer info tok"),
                    typed("A llama.\n", "tokenizer encode --tokenizer tok"),
                    typed("65 32 108\n", "tokenizer decode --tokenizer tok"),
                    rows("classifier train labelled.jsonl --out edu.safetensors"),
                    rows("prepare text.txt --tokenizer tok --out data"),
                    rows(
                            "prepare labelled.jsonl --tokenizer tok --dedup %s --out dedup-%1$s",
                            "none", "exact", "minhash"),
                    rows(
                            "prepare labelled.jsonl --tokenizer tok --dedup exact --dedup-scope %s --out scope-%1$s",
                            "global", "dump"),
                    rows("prepare labelled.jsonl --tokenizer tok --classifier edu.safetensors --min-edu-score 1"
                            + " --out edu"),
                    rows("init text.txt --hours 0.1 --device cpu"),
                    refused("init text.txt"),
                    rows("plan --config small.yaml"),
                    rows("bench --config small.yaml --step-only"),
                    rows("pretrain --config small.yaml --data data --out run"),
                    rows("pretrain --resume run"),
                    rows("pretrain --resume run --at 2 --out fork"),
                    rows("launch --nproc-per-node 2 pretrain --config small.yaml --data data --out ranks"),
                    rows("watch run"),
                    rows("report run fork --out report"),
                    rows("export-metrics run --format %s --out metrics.%1$s", "csv", "jsonl", "wandb"),
                    // A server that answers goes on for ever: ServeIT starts one.
                    refused("board run --host 0.0.0.0"),
                    rows("export run --format hf --dtype %s --out hf-%1$s", "fp32", "bf16", "fp16"),
                    refused("export run --format hf --dtype q8_0 --out hf-q8"),
                    rows("export run --format gguf --dtype %s --out run-%1$s.gguf", "fp32", "bf16", "fp16", "q8_0"),
                    rows("import hf-bf16 --out imported"),
                    rows("import run-q8_0.gguf --out from-gguf"),
                    rows("generate run-fp16.gguf --prompt Llama --max-new-tokens 4"),
                    rows("generate imported --prompt Llama --max-new-tokens 4"),
                    rows("generate run --prompt Llama --max-new-tokens 4 --precision %s", "fp32", "bf16", "int8"),
                    refused("serve run --host 0.0.0.0 --precision fp32"),
                    refused("serve run --max-rows 0 --precision bf16"),
                    refused("serve data --precision int8"),
                    rows("eval run --data data --precision %s", "fp32", "bf16"),
                    refused("eval run --data data --precision int8"),
                    rows("eval run --data data --add-bos %s", "tokenizer", "on", "off"),
                    rows("eval run fork --benchmarks benchmarks --convention %s", "harness", "nanogpt"),
                    rows("eval run --all --steps 0:4:2 --benchmarks benchmarks --data data --reference Other=fork"),
                    rows("eval ranks --all --benchmarks benchmarks"),
                    rows("study run --out study"),
                    refused("study data --out study"),
                    rows("sweep --config small.yaml --data data --vary optimizer.kind=adamw,muon --random 2 --halving 2"
                            + " --first-rung 2 --out sweep"),
                    rows("sweep --resume sweep"),
                    rows("speedrun --config small.yaml --data data --budget 1e-3 --seeds 1 --target 9 --out speedrun"),
                    refused("speedrun --data data --out raced"),
                    rows("judge run --sheet --max-new-tokens 4 --precision %s --out judged-%1$s.jsonl", "fp32", "bf16"),
                    refused("judge run --precision int8 --out judged-int8.jsonl"),
                    rows("judge --import scores.csv --out judged-fp32.jsonl"),
                    rows("tune --model run --data rows.jsonl --preview 1"),
                    rows("tune --model run --data rows.jsonl rows.jsonl --set data.weights=[3,1] --preview 1"),
                    refused("tune --model run-fp16.gguf --data rows.jsonl --preview 1"),
                    rows("export run --trim-vocab 300 --out trimmed"),
                    rows("tune --model run --data rows.jsonl --config tune.yaml --out tuned"),
                    rows("tune --resume tuned"),
                    rows("merge tuned/adapter --model run --out merged"),
                    rows("compare run tuned --max-new-tokens 4 --precision %s --out %1$s.md", "fp32", "bf16", "int8"),
                    typed("Hello\n", "chat run --adapter tuned/adapter --max-new-tokens 4 --precision %s", "fp32"),
                    typed("Hello\n", "chat merged --max-new-tokens 4 --precision %s", "bf16", "int8"))
            .flatMap(List::stream)
            .toList();

    private LauncherRows() {}

    /** One command line, what is typed into it, and the exit code that it ends with. */
    record Row(String line, String input, int code) {
        List<String> words() {
            return List.of(line.split(" "));
        }

        @Override
        public String toString() {
            return line;
        }
    }

    private static List<Row> rows(String line, String... values) {
        return expanded(line, "", 0, values);
    }

    private static List<Row> refused(String line) {
        return expanded(line, "", Main.REQUEST_WRONG);
    }

    private static List<Row> typed(String input, String line, String... values) {
        return expanded(line, input, 0, values);
    }

    private static List<Row> expanded(String line, String input, int code, String... values) {
        return values.length == 0
                ? List.of(new Row(line, input, code))
                : Arrays.stream(values)
                        .map(value -> new Row(line.formatted(value), input, code))
                        .toList();
    }
}
