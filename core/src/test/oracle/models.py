"""Logits, loss, gradients and a training trajectory of tiny models of every kind, by transformers and torch in float64.

Weights are exact float32 numbers; everything is computed from them in float64, but for what transformers itself does in
float32 (RMSNorm, rotary angles): 1e-6 in the logits. Run: python models.py
"""
import json
import math
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import (
    GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config,
    Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM, SmolLM3Config, SmolLM3ForCausalLM)

OUT = pathlib.Path(__file__).parent.parent / "resources/oracle/llama"
VOCAB, SEQ, BATCH, ACCUM, STEPS, WARM = 151, 24, 3, 2, 20, 4
MAX_LR, MIN_LR = 3e-3, 3e-4


def llama(std):
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCAB, hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=SEQ, rms_norm_eps=1e-5, rope_theta=500000.0,
        initializer_range=std, tie_word_embeddings=False, attn_implementation="eager",
        bos_token_id=0, eos_token_id=0))


def gpt2():
    return GPT2LMHeadModel(GPT2Config(
        vocab_size=VOCAB, n_positions=SEQ, n_embd=32, n_layer=2, n_head=4, initializer_range=0.1,
        embd_pdrop=0.0, attn_pdrop=0.0, resid_pdrop=0.0, attn_implementation="eager", bos_token_id=0, eos_token_id=0))


def kin(config, model, **keys):
    """A member of the Llama family on sharp weights, so that each switch shows."""
    sizes = dict(
        vocab_size=VOCAB, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=SEQ, rms_norm_eps=1e-5, initializer_range=0.2,
        tie_word_embeddings=True, attn_implementation="eager", bos_token_id=0, eos_token_id=0, pad_token_id=None)
    return model(config(**(sizes | keys)))


def yarn(**keys):
    return {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 6} | keys


def tokens(count, generator):
    """A stream with something to learn: the next token follows from the last two, four times in five."""
    stream = [1, 2]
    for draw, other in zip(torch.rand(count, generator=generator).tolist(),
                           torch.randint(0, VOCAB, (count,), generator=generator).tolist()):
        stream.append((7 * stream[-1] + 3 * stream[-2] + 1) % VOCAB if draw < 0.8 else other)
    return np.array(stream[:count], dtype=np.uint16)


def lr(step):
    if step < WARM:
        return MAX_LR * (step + 1) / WARM
    return MIN_LR + 0.5 * (1 + math.cos(math.pi * (step - WARM) / (STEPS - WARM))) * (MAX_LR - MIN_LR)


def weights(model):
    return {name: p.detach().float().contiguous().clone() for name, p in model.named_parameters()}


def loss_of(model, x, y):
    return torch.nn.functional.cross_entropy(model(x).logits.flatten(0, 1), y.flatten())


def write(name, model, seed):
    folder = OUT / name
    (folder / "model").mkdir(parents=True, exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():  # norms and biases are to matter, too
            if p.dim() == 1:
                p.add_(0.1 * torch.randn(p.shape, generator=generator))
    model = model.float()
    model.config.dtype = "float32"
    model.config.save_pretrained(folder / "model")
    save_file(weights(model), folder / "model/model.safetensors", metadata={"format": "pt"})
    stream = tokens(STEPS * ACCUM * BATCH * SEQ + SEQ + 1, generator)
    np.save(folder / "data/oracle_train_000001.npy", stream)
    np.save(folder / "data/oracle_val_000000.npy", stream[:4 * BATCH * SEQ + 1])
    model = model.double().train()
    read = lambda at, rows: torch.from_numpy(stream[at:at + rows * SEQ].astype(np.int64)).view(rows, SEQ)

    x, y = read(0, 2), read(1, 2)
    np.save(folder / "logits.npy", model(x).logits.detach().float().numpy())
    loss = loss_of(model, x, y)
    loss.backward()
    save_file({n: p.grad.float().contiguous() for n, p in model.named_parameters()}, folder / "grads.safetensors")
    expected = {
        "args": {"batch": BATCH, "accum": ACCUM, "seq": SEQ, "steps": STEPS, "warm": WARM, "maxlr": MAX_LR,
                 "minlr": MIN_LR, "seed": seed},
        "batch_tokens": x.tolist(), "batch_loss": loss.item(), "train": train(model, read)}
    save_file(weights(model), folder / "final.safetensors")
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def train(model, read):
    model.zero_grad()
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.1},
         {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0}],
        betas=(0.9, 0.95), eps=1e-8)
    lines, at = [], 0
    for step in range(STEPS):
        total = 0.0
        for _ in range(ACCUM):
            loss = loss_of(model, read(at, BATCH), read(at + 1, BATCH)) / ACCUM
            loss.backward()
            total += loss.item()
            at += BATCH * SEQ
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = lr(step)
        optimizer.step()
        optimizer.zero_grad()
        lines.append({"step": step, "loss": total, "lr": lr(step), "norm": norm.item()})
    return lines


torch.manual_seed(1)
write("llama", llama(0.02), 11)
write("llama_sharp", llama(0.2), 12)
write("gpt2", gpt2(), 13)
write("llama_biases", kin(LlamaConfig, LlamaForCausalLM, attention_bias=True, mlp_bias=True, rope_parameters=yarn(
    beta_fast=4.0, beta_slow=0.5, truncate=False, mscale=0.7, mscale_all_dim=1.3)), 14)
write("qwen2", kin(Qwen2Config, Qwen2ForCausalLM, use_sliding_window=True, sliding_window=5, max_window_layers=1,
                   rope_parameters=yarn()), 15)
write("qwen3", kin(Qwen3Config, Qwen3ForCausalLM, head_dim=16, attention_bias=True), 16)
write("mistral", kin(MistralConfig, MistralForCausalLM, head_dim=16, sliding_window=7, rope_parameters={
    "rope_type": "dynamic", "rope_theta": 10000.0, "factor": 4.0}), 17)
write("smollm3", kin(SmolLM3Config, SmolLM3ForCausalLM, no_rope_layer_interval=2), 18)
