"""lm-eval beside `cria eval RUN --all`, document by document, at some checkpoints of a run.

    ./cria eval RUN --all --benchmarks ROWS --limit 40
    python bench/peers/series_lm_eval.py --run RUN --rows ROWS --steps 0 500 1000 --limit 40

lm-eval loads each checkpoint with transformers, as the Hugging Face model that it is, and scores the same rows. Compares each
document's log likelihoods with those in the run's evaluations. Ends with 1 where anything differs, with 77 where the packages are missing.
"""

import argparse
import gzip
import json
import pathlib
import sys
import tempfile

try:
    from server_clients import PLACES, difference, expect, values  # also stands in for what lm-eval imports for other tasks
    import lm_eval
    from lm_eval.evaluator import evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager, get_task_dict
except ImportError as missing:
    print(f"skipped: {missing}; pip install openai lm_eval transformers torch", file=sys.stderr)
    sys.exit(77)


def lines(run, step):
    """The run's lines of a step, by task, with the file of their documents."""
    every = map(json.loads, (run / "evaluations.jsonl").read_text().splitlines())
    return {line["task"]: line for line in every if line.get("step") == step and line["task"] in PLACES and line["convention"] == "harness"}


def documents(run, line):
    with gzip.open(run / line["file"], "rt") as file:
        return {row["doc"]: row for row in map(json.loads, file)}


def task_files(folder, tasks, rows):
    home = pathlib.Path(lm_eval.__file__).parent / "tasks"
    for name in tasks:
        file = next(p for p in sorted(rows.iterdir()) if p.name.startswith(name) and p.suffix == ".jsonl")
        pathlib.Path(folder, name + ".yaml").write_text(
            f"include: {home / PLACES[name]}\ntask: {name}_here\ndataset_path: json\ndataset_name: null\n"
            f"training_split: null\nvalidation_split: train\ntest_split: null\nfewshot_split: train\n"
            f"dataset_kwargs:\n  data_files: {file}\n")


def agrees(args, step):
    ours = lines(args.run, step)
    checkpoint = args.run / "checkpoints" / f"step-{step:07d}"
    model = HFLM(pretrained=str(checkpoint), device="cpu", dtype="float32", batch_size=4, max_length=args.max_length)
    with tempfile.TemporaryDirectory() as made:
        task_files(made, ours, args.rows)
        tasks = get_task_dict([name + "_here" for name in ours], TaskManager(include_path=made))
        scores = evaluate(model, tasks, limit=args.limit, log_samples=True, bootstrap_iters=0, verbosity="ERROR")
    right = bool(ours)
    for name, line in ours.items():
        mine = documents(args.run, line)
        theirs = [s for s in scores["samples"][name + "_here"] if s["doc_id"] in mine]
        worst = max(difference(values(s), mine[s["doc_id"]]["lls"]) for s in theirs)
        same = all(bool(s[m]) == bool(mine[s["doc_id"]][m]) for s in theirs for m in ("acc", "acc_norm") if m in s)
        right &= expect(f"step {step} {name}: {len(theirs)} documents, worst relative difference {worst:.0e}", worst < 1e-4 and len(theirs) == len(mine))
        right &= expect(f"step {step} {name}: every document is as right or wrong", same)
    return right


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--run", type=pathlib.Path, required=True)
    arguments.add_argument("--rows", type=pathlib.Path, required=True)
    arguments.add_argument("--steps", type=int, nargs="+", required=True)
    arguments.add_argument("--limit", type=int, default=40)
    arguments.add_argument("--max-length", type=int, help="the model's positions unless given")
    args = arguments.parse_args()
    sys.exit(0 if all([agrees(args, step) for step in args.steps]) else 1)


if __name__ == "__main__":
    main()
