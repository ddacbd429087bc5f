"""The openai package and lm-eval as clients of a running Cria server.

    ./cria serve MODEL --port 8080 &
    ./cria eval MODEL --benchmarks ROWS --samples ours --limit 40
    python bench/peers/server_clients.py --url http://127.0.0.1:8080 --model NAME --tokenizer MODEL_DIR --rows ROWS --samples ours --limit 40

Asks with openai all that the interface promises, then has lm-eval's local-completions score the rows and compares each document's log
likelihoods with those that `cria eval` wrote. Ends with 1 where anything differs, with 77 where the packages are missing.
"""

import argparse
import json
import pathlib
import sys
import tempfile
import types
from unittest import mock

try:
    import openai
    import transformers  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing}; pip install openai lm_eval transformers", file=sys.stderr)
    sys.exit(77)


class Absent(types.ModuleType):
    """Stands for packages that lm-eval imports for other tasks."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock()


for package in ("evaluate", "sacrebleu", "sacrebleu.metrics", "sqlitedict", "pytablewriter", "word2number", "jsonlines", "rouge_score"):
    try:
        __import__(package)
    except ImportError:
        sys.modules[package] = Absent(package)

PLACES = {"hellaswag": "hellaswag/hellaswag.yaml", "arc_easy": "arc/arc_easy.yaml", "arc_challenge": "arc/arc_challenge.yaml",
          "openbookqa": "openbookqa/openbookqa.yaml", "piqa": "piqa/piqa.yaml", "boolq": "super_glue/boolq/default.yaml",
          "winogrande": "winogrande/default.yaml"}


def expect(what, holds):
    print(("ok       " if holds else "WRONG    ") + what, flush=True)
    return bool(holds)


def with_openai(url, model):
    """What a user of OpenAI's own client does."""
    client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0, timeout=120)
    ask = lambda **more: client.completions.create(model=model, prompt="The cat", max_tokens=12, **more)
    alone = ask(temperature=0)
    streamed = list(ask(temperature=0, stream=True, stream_options={"include_usage": True}))
    scored = ask(temperature=0, logprobs=3, echo=True)
    marks = scored.choices[0].logprobs
    many = client.completions.create(model=model, prompt=["The cat", "A dog"], max_tokens=5, temperature=0, n=2)
    ids = client.completions.create(model=model, prompt=[[1, 2, 3], [4, 5]], max_tokens=3, temperature=0)
    seeded = [ask(temperature=1, seed=7).choices[0].text for _ in range(2)]
    word = alone.choices[0].text[3:6]
    stopped = ask(temperature=0, stop=[word])
    turns = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Who are you?"}]
    talk = client.chat.completions.create(
        model=model, messages=turns, max_completion_tokens=9, temperature=0, logprobs=True, top_logprobs=4, n=2)
    parts = list(client.chat.completions.create(
        model=model, messages=turns, max_completion_tokens=9, temperature=0, stream=True))
    text = "".join(p.choices[0].delta.content or "" for p in parts if p.choices)

    def refusal(kind, **more):
        try:
            client.completions.create(**({"model": model, "prompt": "a"} | more))
        except kind as e:
            return e
        return None

    unknown = refusal(openai.NotFoundError, model="nobody")
    tool = refusal(openai.BadRequestError, extra_body={"tools": [{"type": "function"}]})
    return all([
        expect("models", model in [m.id for m in client.models.list()] and client.models.retrieve(model).id == model),
        expect("completion", alone.choices[0].text and alone.usage.total_tokens == alone.usage.prompt_tokens + alone.usage.completion_tokens),
        expect("stream", "".join(p.choices[0].text for p in streamed if p.choices) == alone.choices[0].text),
        expect("usage in a stream", streamed[-1].usage.completion_tokens == alone.usage.completion_tokens),
        expect("echo and logprobs", scored.choices[0].text == "The cat" + alone.choices[0].text
               and marks.token_logprobs[0] is None and len(marks.tokens) == scored.usage.total_tokens
               and all(len(t) >= 3 for t in marks.top_logprobs[1:])),
        expect("several prompts, n each", len(many.choices) == 4 and [c.index for c in many.choices] == [0, 1, 2, 3]
               and many.choices[0].text == many.choices[1].text == alone.choices[0].text[:len(many.choices[0].text)]),
        expect("prompts as ids", len(ids.choices) == 2 and ids.usage.prompt_tokens == 5),
        expect("a seed says the same twice", seeded[0] == seeded[1]),
        expect("stop", stopped.choices[0].finish_reason == "stop" and word not in stopped.choices[0].text),
        expect("logit_bias", ask(temperature=0, logit_bias={"5": 100}).choices[0].text != alone.choices[0].text),
        expect("chat", talk.choices[0].message.content == talk.choices[1].message.content == text
               and len(talk.choices[0].logprobs.content[0].top_logprobs) == 4),
        expect("an unknown model is not found", unknown and unknown.code == "model_not_found"),
        expect("what is not there is refused by name", tool and tool.param == "tools"),
    ])


def with_lm_eval(args):
    """Each document's log likelihoods, by task, as lm-eval gets them from the server."""
    import lm_eval
    from lm_eval.tasks import TaskManager
    from lm_eval.evaluator import evaluate
    from lm_eval.models.openai_completions import LocalCompletionsAPI
    from lm_eval.tasks import get_task_dict

    home = pathlib.Path(lm_eval.__file__).parent / "tasks"
    ours = {p.name.removeprefix("samples_").removesuffix(".jsonl"): p for p in args.samples.rglob("samples_*.jsonl")}
    with tempfile.TemporaryDirectory() as made:
        for name in ours:
            rows = next(p for p in sorted(args.rows.iterdir()) if p.name.startswith(name) and p.suffix == ".jsonl")
            pathlib.Path(made, name + ".yaml").write_text(
                f"include: {home / PLACES[name]}\ntask: {name}_here\ndataset_path: json\ndataset_name: null\n"
                f"training_split: null\nvalidation_split: train\ntest_split: null\nfewshot_split: train\n"
                f"dataset_kwargs:\n  data_files: {rows}\n")
        # lm-eval keeps one place of its limit for a token that it does not want.
        client = LocalCompletionsAPI(
            base_url=args.url + "/v1/completions", model=args.model, tokenizer=str(args.tokenizer),
            max_length=args.positions + 1, num_concurrent=4, batch_size=4, max_retries=1)
        tasks = get_task_dict([name + "_here" for name in ours], TaskManager(include_path=made))
        scores = evaluate(client, tasks, limit=args.limit, log_samples=True, bootstrap_iters=0, verbosity="ERROR")
    right = True
    for name, path in ours.items():
        mine = {s["doc"]: s for s in map(json.loads, path.read_text().splitlines())}
        whole = [s for s in scores["samples"][name + "_here"] if not is_cut(client, s, args.positions)]
        worst = max(difference(values(s), mine[s["doc_id"]]["lls"]) for s in whole)
        same = all(s[m] == mine[s["doc_id"]][m] for s in whole for m in ("acc", "acc_norm") if m in s)
        right &= expect(f"lm_eval {name}: {len(whole)} documents, worst relative difference {worst:.0e}", worst < 1e-4)
        right &= expect(f"lm_eval {name}: every document is as right or wrong as it is to cria eval", same)
    return right


def is_cut(client, sample, positions):
    """Where a document is longer than the model, lm-eval cuts one token more over an interface than of a model of its own."""
    return any(len(client.tok_encode("".join(pair))) > positions for pair in sample["arguments"])


def values(sample):
    return [float(one[0]) for one in sample["filtered_resps"]]


def difference(these, those):
    return max(abs(a - b) / max(1, abs(b)) for a, b in zip(these, those, strict=True))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--tokenizer", required=True)
    arguments.add_argument("--rows", type=pathlib.Path, required=True)
    arguments.add_argument("--samples", type=pathlib.Path, required=True)
    arguments.add_argument("--limit", type=int, default=40)
    arguments.add_argument("--positions", type=int, required=True)
    args = arguments.parse_args()
    right = with_openai(args.url, args.model)
    sys.exit(0 if with_lm_eval(args) and right else 1)


if __name__ == "__main__":
    main()
