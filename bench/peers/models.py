"""Cria's presets in PyTorch, as its users write them, and what the programs that measure them have in common.

Runs on PyTorch 1.13 and newer; what older ones lack (fused norms, attention and AdamW) is written out.
"""

import inspect
import math
import os
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

# hidden, intermediate, layers, heads, key-value heads, vocabulary (padded to a multiple of 128)
LLAMAS = {
    "dmas-1.7b": (2048, 5120, 36, 32, 8, 50304),
    "llama-124m": (768, 3072, 12, 12, 12, 50304),
    "llama-978m": (1280, 5120, 36, 20, 4, 50304),
    "nano": (256, 704, 6, 8, 4, 4096),
}
# hidden, layers, heads, vocabulary
GPT2S = {
    "gpt2-124m": (768, 12, 12, 50304),
}
EPS = 1e-5
THETA = 500000.0
SDPA = getattr(F, "scaled_dot_product_attention", None)
SDPA_SHARES_HEADS = "enable_gqa" in ((SDPA and SDPA.__doc__) or "")


class PlainRMSNorm(nn.Module):
    def __init__(self, hidden, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(hidden)), eps

    def forward(self, x):
        wide = x.float()
        return self.weight * (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)).type_as(x)


RMSNorm = getattr(nn, "RMSNorm", PlainRMSNorm)


def attend(q, k, v):
    """Causal attention over [batch, heads, seq, head_dim]; heads of queries may share those of keys and values."""
    if q.size(1) != k.size(1):
        if SDPA_SHARES_HEADS:
            return SDPA(q, k, v, is_causal=True, enable_gqa=True)
        shared = q.size(1) // k.size(1)
        k, v = k.repeat_interleave(shared, 1), v.repeat_interleave(shared, 1)
    if SDPA:
        return SDPA(q, k, v, is_causal=True)
    later = torch.ones(q.size(2), q.size(2), dtype=torch.bool, device=q.device).triu(1)
    scores = (q / math.sqrt(q.size(-1))) @ k.transpose(-2, -1)
    return F.softmax(scores.masked_fill(later, -math.inf), -1) @ v


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1).type_as(x)


class LlamaBlock(nn.Module):
    def __init__(self, hidden, intermediate, heads, kv_heads):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, hidden // heads
        self.input_norm = RMSNorm(hidden, EPS)
        self.qkv = nn.Linear(hidden, (heads + 2 * kv_heads) * self.head_dim, bias=False)
        self.o = nn.Linear(hidden, hidden, bias=False)
        self.post_norm = RMSNorm(hidden, EPS)
        self.gate_up = nn.Linear(hidden, 2 * intermediate, bias=False)
        self.down = nn.Linear(intermediate, hidden, bias=False)

    def forward(self, x, cos, sin):
        batch, seq, hidden = x.shape
        q, k, v = self.qkv(self.input_norm(x)).split(
            [hidden, self.kv_heads * self.head_dim, self.kv_heads * self.head_dim], dim=-1
        )
        q = rotate(q.view(batch, seq, self.heads, self.head_dim).transpose(1, 2), cos, sin)
        k = rotate(k.view(batch, seq, self.kv_heads, self.head_dim).transpose(1, 2), cos, sin)
        v = v.view(batch, seq, self.kv_heads, self.head_dim).transpose(1, 2)
        x = x + self.o(attend(q, k, v).transpose(1, 2).reshape(batch, seq, hidden))
        gate, up = self.gate_up(self.post_norm(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Llama(nn.Module):
    def __init__(self, hidden, intermediate, layers, heads, kv_heads, vocabulary, seq):
        super().__init__()
        self.width = hidden
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.blocks = nn.ModuleList(LlamaBlock(hidden, intermediate, heads, kv_heads) for _ in range(layers))
        self.norm = RMSNorm(hidden, EPS)
        self.head = nn.Linear(hidden, vocabulary, bias=False)
        half = hidden // heads // 2
        angles = torch.outer(torch.arange(seq).float(), THETA ** (-torch.arange(half).float() / half))
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        initialize(self)

    def looked_up(self):
        return self.embedding.weight.numel()

    def forward(self, ids, targets):
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x, self.cos, self.sin)
        return loss(self.head(self.norm(x)), targets)


class Gpt2Block(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(hidden, EPS)
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.o = nn.Linear(hidden, hidden)
        self.norm2 = nn.LayerNorm(hidden, EPS)
        self.up = nn.Linear(hidden, 4 * hidden)
        self.down = nn.Linear(4 * hidden, hidden)

    def forward(self, x):
        batch, seq, hidden = x.shape
        q, k, v = (
            part.view(batch, seq, self.heads, hidden // self.heads).transpose(1, 2)
            for part in self.qkv(self.norm1(x)).split(hidden, dim=-1)
        )
        x = x + self.o(attend(q, k, v).transpose(1, 2).reshape(batch, seq, hidden))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Gpt2(nn.Module):
    """The head is the embedding of tokens."""

    def __init__(self, hidden, layers, heads, vocabulary, positions):
        super().__init__()
        self.width = hidden
        self.tokens = nn.Embedding(vocabulary, hidden)
        self.positions = nn.Embedding(positions, hidden)
        self.blocks = nn.ModuleList(Gpt2Block(hidden, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(hidden, EPS)
        initialize(self)

    def looked_up(self):
        return self.positions.weight.numel()

    def forward(self, ids, targets):
        x = self.tokens(ids) + self.positions.weight[: ids.size(1)]
        for block in self.blocks:
            x = block(x)
        return loss(F.linear(self.norm(x), self.tokens.weight), targets)


def initialize(model):
    for p in model.parameters():
        if p.dim() > 1:
            nn.init.normal_(p, 0.0, 0.02)


def loss(logits, targets):
    return F.cross_entropy(logits.view(-1, logits.size(-1)).float(), targets.view(-1))


def create(preset, seq):
    if preset in GPT2S:
        return Gpt2(*GPT2S[preset], max(seq, 1024))
    return Llama(*LLAMAS[preset], seq)


def adamw(model):
    """Weight decay on matrices alone; fused where this PyTorch has that for the model's device."""
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    options = {"lr": 6e-4, "betas": (0.9, 0.95), "eps": 1e-8}
    if "fused" in inspect.signature(torch.optim.AdamW).parameters:
        try:
            return torch.optim.AdamW(groups, fused=True, **options)
        except RuntimeError:
            pass  # before PyTorch 2.4 for CUDA alone
    return torch.optim.AdamW(groups, **options)


def flops_per_token(model, seq):
    """As `cria plan` counts them: 6 a weight in a matrix product, 12·layers·hidden·seq for attention."""
    multiplied = sum(p.numel() for p in model.parameters() if p.dim() > 1) - model.looked_up()
    return 6 * multiplied + 12 * len(model.blocks) * model.width * seq


def use_threads(count=None):
    """So many, or one for each core of this process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch.set_num_threads(count or cores)


def seconds_of(step, warm_up, seconds, most=math.inf):
    """The times of the steps after the warm-up, the shortest first: at least three, and as many as the seconds allow."""
    for _ in range(warm_up):
        step()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or (time.perf_counter() < end and len(times) < most):
        begun = time.perf_counter()
        step()
        times.append(time.perf_counter() - begun)
    return sorted(times)


def tokens_per_s(tokens, times):
    return {"best": tokens / times[0], "median": tokens / times[len(times) // 2]}
