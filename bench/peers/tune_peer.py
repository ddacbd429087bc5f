"""LoRA tuning by transformers and PEFT on the CPU, as their users write it, for a comparison on one machine.

    python3 bench/peers/tune_peer.py --write DIR                # a random model and rows of tokens that both programs tune on
    python3 bench/peers/tune_peer.py --measure DIR [--compile]  # prints a line of JSON
    scripts/compare-tuning                                      # both programs by turns

The base is in float32 under bfloat16 autocast, or in bfloat16 (--base bf16); adapters in float32 on all projections;
clip_grad_norm_ and fused AdamW. Exits with 77, and says so, where one of the packages is not installed.
"""

import argparse
import json
import sys
from pathlib import Path

try:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM
except ImportError as missing:
    print(f"skipped: {missing}", file=sys.stderr)
    sys.exit(77)

import models

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
VOCABULARY = 50304


def write(directory, rows, length):
    """The shape of llama-124m with random weights, and rows of random tokens, each with a loss on its second half."""
    torch.manual_seed(1337)
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
        num_key_value_heads=12, max_position_embeddings=length, rope_theta=500000.0, tie_word_embeddings=False,
        bos_token_id=None, eos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(directory / "model")
    with open(directory / "rows.jsonl", "w") as file:
        for _ in range(rows):
            ids = torch.randint(50256, (length,)).tolist()  # without the end of a text
            labels = [-100] * (length // 2) + ids[length // 2 :]
            file.write(json.dumps({"input_ids": ids, "labels": labels}) + "\n")


def measure(directory, args):
    models.use_threads()
    base = torch.bfloat16 if args.base == "bf16" else torch.float32
    model = LlamaForCausalLM.from_pretrained(directory / "model", torch_dtype=base)
    model = get_peft_model(model, LoraConfig(r=args.rank, lora_alpha=16, lora_dropout=0.0, target_modules=TARGETS))
    trained = [p for p in model.parameters() if p.requires_grad]
    for parameter in trained:
        parameter.data = parameter.data.float()
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.0, fused=True)
    rows = [json.loads(line) for line in open(directory / "rows.jsonl")][: args.micro_batch]
    ids = torch.tensor([row["input_ids"] for row in rows])
    labels = torch.tensor([row["labels"] for row in rows])
    run = torch.compile(model) if args.compile else model

    def step():
        with torch.autocast("cpu", torch.bfloat16):
            loss = run(input_ids=ids, labels=labels, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    times = models.seconds_of(step, 3, args.seconds)
    print(json.dumps({
        "peer": f"PyTorch {torch.__version__}, base {args.base}" + (", compiled" if args.compile else ""),
        "tokens_per_s": models.tokens_per_s(ids.numel(), times),
        "steps": len(times),
    }))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", type=Path, metavar="DIR")
    what.add_argument("--measure", type=Path, metavar="DIR")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--micro-batch", type=int, default=4)
    parser.add_argument("--rank", type=int, default=128)
    parser.add_argument("--base", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--seconds", type=float, default=20, help="how long to measure, after the warm-up")
    args = parser.parse_args()
    if args.write:
        write(args.write, args.rows, args.length)
    else:
        measure(args.measure, args)


if __name__ == "__main__":
    main()
