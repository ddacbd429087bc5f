"""Requests, log-likelihoods and metrics of the seven benchmarks by lm-eval itself, on rows of our own and a tiny random
LLaMA with GPT-2's vocabulary. Also HellaSwag as build-nanogpt scores it. Run: python lm_eval_scores.py
"""
import json
import pathlib
import sys
import tempfile
import types
from unittest import mock

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GenerationMixin, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: F401

from gpt2_encoding import END, gpt2
from lm_eval_rows import ROWS


class Absent(types.ModuleType):
    """Stands for packages that lm-eval imports for other tasks."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock()


for package in ("evaluate", "sacrebleu", "sacrebleu.metrics", "sqlitedict", "pytablewriter", "tqdm_multiprocess",
                "word2number", "jsonlines", "rouge_score"):
    try:
        __import__(package)
    except ImportError:
        sys.modules[package] = Absent(package)

import lm_eval  # noqa: E402
from lm_eval.evaluator import evaluate  # noqa: E402
from lm_eval.models.huggingface import HFLM  # noqa: E402
from lm_eval.tasks import TaskManager, get_task_dict  # noqa: E402

OUT = pathlib.Path(__file__).parent.parent / "resources/oracle/lm_eval"
PLACES = {"hellaswag": "hellaswag/hellaswag.yaml", "arc_easy": "arc/arc_easy.yaml",
          "arc_challenge": "arc/arc_challenge.yaml", "openbookqa": "openbookqa/openbookqa.yaml",
          "piqa": "piqa/piqa.yaml", "boolq": "super_glue/boolq/default.yaml", "winogrande": "winogrande/default.yaml"}


def tokenizer(encoding):
    """GPT-2's in the tokenizers library; merges follow from the ranks."""
    alphabet = {b: c for c, b in byte_alphabet().items()}
    spell = lambda token: "".join(alphabet[b] for b in token)
    ranks = encoding._mergeable_ranks
    merges = [tuple(map(spell, halves(token, ranks))) for token in sorted(ranks, key=ranks.get) if len(token) > 1]
    vocabulary = {spell(token): rank for token, rank in ranks.items()}
    bpe = Tokenizer(models.BPE(vocab=vocabulary | {END: 50256}, merges=merges))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token=END, bos_token=END)


def byte_alphabet():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(others)}


def halves(token, ranks):
    """The two tokens whose merge is this one."""
    parts = [bytes([b]) for b in token]
    while len(parts) > 2:
        best = min(range(len(parts) - 1), key=lambda i: ranks.get(parts[i] + parts[i + 1], 1 << 30))
        parts[best:best + 2] = [parts[best] + parts[best + 1]]
    return parts


def model():
    torch.manual_seed(21)
    small = LlamaForCausalLM(LlamaConfig(
        vocab_size=50257, hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=128, rms_norm_eps=1e-5, rope_theta=10000.0,
        initializer_range=0.5, tie_word_embeddings=True, bos_token_id=50256, eos_token_id=50256,
        attn_implementation="eager"))
    (OUT / "model").mkdir(parents=True, exist_ok=True)
    small.config.dtype = "bfloat16"
    small.config.save_pretrained(OUT / "model")
    weights = {n: p.detach().bfloat16().contiguous() for n, p in small.named_parameters()}
    save_file(weights, OUT / "model/model.safetensors", metadata={"format": "pt"})
    stored = {n: p.double() for n, p in load_file(OUT / "model/model.safetensors").items()}
    small = small.double()
    small.load_state_dict(stored, strict=False)
    small.tie_weights()
    return small.eval()


def tasks(folder):
    """lm-eval's own task files, pointed at our rows."""
    stock = pathlib.Path(lm_eval.__file__).parent / "tasks"
    for name, place in PLACES.items():
        rows = OUT / "edge_docs" / f"{name}.jsonl"
        rows.parent.mkdir(exist_ok=True)
        rows.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in ROWS[name]), encoding="utf-8")
        (folder / f"own_{name}.yaml").write_text("\n".join([
            f"include: {stock / place}", f"task: own_{name}", "dataset_path: json", "dataset_name: null",
            "training_split: null", "test_split: null", "validation_split: validation",
            "dataset_kwargs:", "  data_files:", f"    validation: {rows.resolve()}", ""]))
        yield name


def results(lm):
    requests, scores = [], {}
    with tempfile.TemporaryDirectory() as folder:
        names = list(tasks(pathlib.Path(folder)))
        manager = TaskManager(include_path=folder)
        for name in names:
            report = evaluate(lm, get_task_dict([f"own_{name}"], manager), log_samples=True, bootstrap_iters=100)
            samples = sorted(report["samples"][f"own_{name}"], key=lambda s: s["doc_id"])
            requests += [request(lm, name, sample) for sample in samples]
            scores[name] = metrics(name, report["results"][f"own_{name}"], samples)
    return requests, scores


def request(lm, name, sample):
    pairs = [(a["arg_0"], a["arg_1"]) for a in sample["arguments"].values()] if isinstance(
        sample["arguments"], dict) else [tuple(a) for a in sample["arguments"]]
    encoded = [lm._encode_pair(c, k) if c else ([50256], lm.tok_encode(k)) for c, k in pairs]
    return {"task": name, "doc": sample["doc_id"], "contexts": [c for c, _ in pairs],
            "continuations": [k for _, k in pairs], "choice_lengths": [len(k) - 1 for _, k in pairs],
            "gold": gold(name, sample), "context_ids": [c for c, _ in encoded], "continuation_ids": [k for _, k in encoded]}


def gold(name, sample):
    """Winogrande's task keeps the continuation in its target's place."""
    return int(sample["doc"]["answer"]) - 1 if name == "winogrande" else int(sample["target"])


def metrics(name, report, samples):
    lls = [[r[0][0] if isinstance(r[0], (list, tuple)) else r[0] for r in s["resps"]] for s in samples]
    entry = {"n": len(samples), "docs": [s["doc_id"] for s in samples], "gold": [gold(name, s) for s in samples],
             "lls": lls, "pred": [max(range(len(l)), key=l.__getitem__) for l in lls]}
    for metric in ("acc", "acc_norm"):
        if f"{metric},none" in report:
            entry[metric] = report[f"{metric},none"]
            entry[f"{metric}_stderr"] = report[f"{metric}_stderr,none"]
    return entry


def nanogpt(model, encoding):
    """build-nanogpt's HellaSwag: context and " " + ending encoded apart, summed and mean loss of the ending."""
    docs = []
    for number, row in enumerate(ROWS["hellaswag"]):
        context = encoding.encode_ordinary(row["ctx"])
        endings = [encoding.encode_ordinary(" " + e) for e in row["endings"]]
        sums = []
        for ending in endings:
            ids = (context + ending)[-129:]
            logits = model(torch.tensor([ids[:-1]])).logits[0, -len(ending):]
            sums.append(torch.nn.functional.cross_entropy(logits, torch.tensor(ending), reduction="sum").item())
        means = [s / len(e) for s, e in zip(sums, endings)]
        docs.append({"doc": number, "gold": int(row["label"]), "context_ids": context, "ending_ids": endings,
                     "sum_loss": sums, "mean_loss": means, "pred": sums.index(min(sums)),
                     "pred_norm": means.index(min(means))})
    share = lambda key: sum(d[key] == d["gold"] for d in docs) / len(docs)
    return docs, {"n": len(docs), "acc": share("pred"), "acc_norm": share("pred_norm")}


def lines(name, rows):
    (OUT / name).write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")


with torch.no_grad():
    encoding, small = gpt2(), model()
    lm = HFLM(pretrained=small, tokenizer=tokenizer(encoding), batch_size=1, device="cpu", softmax_dtype="float64")
    asked, scored = results(lm)
    lines("edge_requests.jsonl", asked)
    (OUT / "edge_results.json").write_text(json.dumps(scored) + "\n")
    docs, summary = nanogpt(small, encoding)
    lines("edge_nanogpt.jsonl", docs)
    (OUT / "edge_nanogpt_results.json").write_text(json.dumps(summary) + "\n")
