"""Writes the pickles of two small checkpoints as the paper's train.py saves them: {"model", "config", "step", …}.

The tensors' bytes are left out: TorchImportTest fills them in. Run with torch 2.x: python pt_pickles.py OUT_DIR
"""
import dataclasses
import sys
import types
import zipfile
from typing import Optional

import torch


def config_class(module, name, fields):
    made = dataclasses.make_dataclass(name, fields)
    made.__module__ = module
    holder = types.ModuleType(module)
    setattr(holder, name, made)
    sys.modules[module] = holder
    return made


sys.modules["models"] = types.ModuleType("models")
Llama = config_class(
    "models.llama",
    "LlamaConfig",
    [
        ("dim", int, 8), ("intermediate_size", int, 12), ("n_layers", int, 2), ("n_heads", int, 2),
        ("n_kv_heads", int, 1), ("vocab_size", int, 50304), ("ffn_dim_multiplier", Optional[float], None),
        ("norm_eps", float, 1e-5), ("rope_theta", int, 500000), ("max_seq_len", int, 64),
    ],
)
Gpt = config_class(
    "models.gpt2",
    "GPTConfig",
    [("block_size", int, 64), ("vocab_size", int, 50304), ("n_layer", int, 1), ("n_head", int, 2), ("n_embd", int, 8)],
)


class Module(torch.nn.Module):
    """Has a state dict of these names and shapes."""

    def __init__(self, shapes):
        super().__init__()
        for name, shape in shapes.items():
            *path, last = name.split(".")
            at = self
            for part in path:
                if not hasattr(at, part):
                    at.add_module(part, torch.nn.Module())
                at = getattr(at, part)
            at.register_parameter(last, torch.nn.Parameter(torch.zeros(shape)))


def llama():
    c = Llama()
    shapes = {"model.embed_tokens.weight": (c.vocab_size, c.dim)}
    for i in range(c.n_layers):
        at = f"model.layers.{i}."
        for name, rows, columns in [
            ("self_attn.q_proj", c.dim, c.dim), ("self_attn.k_proj", c.dim // 2, c.dim),
            ("self_attn.v_proj", c.dim // 2, c.dim), ("self_attn.o_proj", c.dim, c.dim),
            ("mlp.gate_proj", c.intermediate_size, c.dim), ("mlp.up_proj", c.intermediate_size, c.dim),
            ("mlp.down_proj", c.dim, c.intermediate_size),
        ]:
            shapes[at + name + ".weight"] = (rows, columns)
        shapes[at + "input_layernorm.weight"] = (c.dim,)
        shapes[at + "post_attention_layernorm.weight"] = (c.dim,)
    shapes["model.norm.weight"] = (c.dim,)
    shapes["lm_head.weight"] = (c.vocab_size, c.dim)
    return c, Module(shapes)


def gpt2():
    c = Gpt()
    e = c.n_embd
    shapes = {"transformer.wte.weight": (c.vocab_size, e), "transformer.wpe.weight": (c.block_size, e)}
    for i in range(c.n_layer):
        at = f"transformer.h.{i}."
        for name, rows, columns in [("attn.c_attn", 3 * e, e), ("attn.c_proj", e, e), ("mlp.c_fc", 4 * e, e),
                                    ("mlp.c_proj", e, 4 * e)]:
            shapes[at + name + ".weight"] = (rows, columns)
            shapes[at + name + ".bias"] = (rows,)
        for name in ["ln_1", "ln_2"]:
            shapes[at + name + ".weight"] = (e,)
            shapes[at + name + ".bias"] = (e,)
    shapes["transformer.ln_f.weight"] = (e,)
    shapes["transformer.ln_f.bias"] = (e,)
    model = Module(shapes)
    model.add_module("lm_head", torch.nn.Module())
    model.lm_head.weight = model.transformer.wte.weight
    return c, model


for name, (config, model) in {"llama": llama(), "gpt2": gpt2()}.items():
    file = f"{sys.argv[1]}/{name}.pt"
    torch.save({"model": model.state_dict(), "config": config, "step": 43500, "current_shard": 7,
                "current_position": 123456}, file)
    with zipfile.ZipFile(file) as zipped:
        pickle = next(n for n in zipped.namelist() if n.endswith("/data.pkl"))
        open(f"{sys.argv[1]}/{name}.pkl", "wb").write(zipped.read(pickle))
