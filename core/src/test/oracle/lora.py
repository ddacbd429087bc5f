"""Twenty steps of LoRA on tiny random models of the Llama family by PEFT and torch.optim.AdamW, in float64.

Run: python lora.py [NAME...]
"""
import json
import pathlib
import sys

import numpy as np
import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import (
    LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config,
    Qwen3ForCausalLM, SmolLM3Config, SmolLM3ForCausalLM, get_linear_schedule_with_warmup)

SFT = pathlib.Path(__file__).parent.parent / "resources/oracle/sft"
VOCAB, STEPS, ACCUM, ROWS, LR, WARM = 151, 20, 2, 2, 5e-3, 5
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def float32(tensors):
    return {name: t.detach().float().contiguous().clone() for name, t in tensors.items()}


def batches(generator):
    """[step][micro-batch] of padded rows; the first third of each row is masked."""
    steps = []
    for _ in range(STEPS):
        step = []
        for _ in range(ACCUM):
            lengths = torch.randint(7, 24, (ROWS,), generator=generator).tolist()
            longest = max(lengths)
            batch = {"input_ids": [], "labels": [], "attention_mask": []}
            for length in lengths:
                start = int(torch.randint(1, VOCAB, (1,), generator=generator))
                ids = [(start + 5 * i * i) % VOCAB for i in range(length)]
                padding = longest - length
                batch["input_ids"].append(ids + [0] * padding)
                batch["labels"].append([-100] * (length // 3) + ids[length // 3:] + [-100] * padding)
                batch["attention_mask"].append([1] * length + [0] * padding)
            step.append(batch)
        steps.append(step)
    return steps


def loss_sum(model, batch):
    ids, labels, mask = (torch.tensor(batch[k]) for k in ("input_ids", "labels", "attention_mask"))
    if getattr(model.config, "sliding_window", None):  # else padding that sees padding alone becomes NaN; no row sees it
        mask = None
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].flatten(0, 1)
    targets = labels[:, 1:].flatten()
    return (torch.nn.functional.cross_entropy(logits, targets, ignore_index=-100, reduction="sum"),
            int((targets != -100).sum()))


def llama():
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCAB, hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=32, rms_norm_eps=1e-5, rope_theta=500000.0,
        initializer_range=0.15, tie_word_embeddings=False, attn_implementation="eager",
        bos_token_id=0, eos_token_id=0))


def kin(config, model, **keys):
    """A member of the family whose switches show: norms and biases that are not those of a new model."""
    made = model(config(**dict(
        vocab_size=VOCAB, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=32, rms_norm_eps=1e-5, initializer_range=0.2,
        tie_word_embeddings=True, attn_implementation="eager", bos_token_id=0, eos_token_id=0, pad_token_id=None) | keys))
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for p in made.parameters():
            if p.dim() == 1:
                p.add_(0.1 * torch.randn(p.shape, generator=generator))
    return made


MODELS = {
    "lora": (llama, 6, 12),
    "lora_mistral": (lambda: kin(MistralConfig, MistralForCausalLM, sliding_window=5), 2, 6),
    "lora_qwen2": (lambda: kin(Qwen2Config, Qwen2ForCausalLM), 2, 6),
    "lora_qwen3": (lambda: kin(Qwen3Config, Qwen3ForCausalLM, head_dim=12), 2, 6),
    "lora_smollm3": (lambda: kin(SmolLM3Config, SmolLM3ForCausalLM, no_rope_layer_interval=2), 2, 6),
}


def main(name):
    make, rank, alpha = MODELS[name]
    out = SFT / name
    torch.manual_seed(3)
    generator = torch.Generator().manual_seed(3)
    base = make()
    (out / "base").mkdir(parents=True, exist_ok=True)
    base.config.dtype = "float32"
    base.config.save_pretrained(out / "base")
    save_file(float32(base.state_dict()), out / "base/model.safetensors", metadata={"format": "pt"})

    model = get_peft_model(base.double(), LoraConfig(
        r=rank, lora_alpha=alpha, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.requires_grad:  # B starts at zero; a golden should not
                p.copy_((0.05 * torch.randn(p.shape, generator=generator)).double())
    save(model, out / "adapter_init")

    data = batches(generator)
    (out / "batches.json").write_text(json.dumps(data) + "\n")
    lines = train(model, data, out)
    save(model, out / "adapter_final")
    merged = model.merge_and_unload()
    (out / "merged").mkdir(exist_ok=True)
    merged.config.save_pretrained(out / "merged")
    save_file(float32(merged.state_dict()), out / "merged/model.safetensors", metadata={"format": "pt"})
    last = torch.tensor(data[-1][0]["input_ids"])
    np.save(out / "merged_logits.npy", merged(last).logits.detach().float().numpy())
    args = {"rank": rank, "alpha": alpha, "steps": STEPS, "micro_batch": ROWS, "accumulation": ACCUM, "lr": LR,
            "warmup": WARM}
    (out / "expected.json").write_text(json.dumps({"args": args, "train": lines}) + "\n")


def train(model, data, out):
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=LR, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    schedule = get_linear_schedule_with_warmup(optimizer, WARM, STEPS)
    lines = []
    for step, micro_batches in enumerate(data):
        sums = [loss_sum(model, batch) for batch in micro_batches]
        targets = sum(count for _, count in sums)
        loss = sum(s for s, _ in sums) / targets
        loss.backward()
        if step == 0:
            gradients = {n.replace(".default", ""): p.grad for n, p in model.named_parameters() if p.requires_grad}
            save_file(float32(gradients), out / "grads_step0.safetensors")
        norm = torch.nn.utils.clip_grad_norm_(trained, 1.0)
        lines.append({"step": step, "loss": loss.item(), "lr": schedule.get_last_lr()[0], "norm": norm.item(),
                      "target_tokens": targets})
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return lines


def save(model, folder):
    folder.mkdir(exist_ok=True)
    config = model.peft_config["default"]
    config.base_model_name_or_path = "base"
    config.inference_mode = True
    config.save_pretrained(folder)
    save_file(float32(get_peft_model_state_dict(model)), folder / "adapter_model.safetensors")


for name in sys.argv[1:] or MODELS:
    main(name)
