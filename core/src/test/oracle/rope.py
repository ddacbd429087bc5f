"""Frequencies and attention factors that transformers makes of every kind of rope_scaling, and which keys it requires.

Each case has the keys of a config.json beside a LLaMA's sizes. Run: python rope.py
"""
import json
import pathlib

from huggingface_hub.errors import StrictDataclassError
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

OUT = pathlib.Path(__file__).parent.parent / "resources/oracle/rope.jsonl"
SIZES = dict(vocab_size=8, hidden_size=64, intermediate_size=8, num_hidden_layers=1, num_attention_heads=4,
             max_position_embeddings=512)
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}


def without(section, key):
    return {name: value for name, value in section.items() if name != key}


CASES = [
    {},
    {"rope_theta": 5000.0},
    {"rope_parameters": {"rope_type": "default", "rope_theta": 300.0}},
    {"rope_theta": 5000.0, "rope_parameters": {"rope_type": "default", "rope_theta": 300.0}},
    {"rope_theta": 5000.0, "rope_scaling": {"type": "linear", "factor": 2.5}},
    {"rope_scaling": {"type": "linear", "factor": 2.5}, "rope_parameters": {"rope_theta": 300.0}},
    {"rope_scaling": {}, "rope_parameters": {"rope_theta": 300.0}},
    {"rope_scaling": {"type": "linear"}},
    {"rope_scaling": {"type": "linear", "factor": None}},
    {"rope_scaling": {"rope_type": "dynamic", "factor": 4.0}},
    {"rope_scaling": {"rope_type": "dynamic"}},
    {"rope_theta": 500.0, "rope_scaling": LLAMA3},
    {"rope_theta": 500.0, "rope_parameters": LLAMA3},
    {"original_max_position_embeddings": 200, "rope_scaling": LLAMA3},
    {"rope_scaling": LLAMA3 | {"low_freq_factor": 4.0, "high_freq_factor": 1.0}},
    *({"rope_scaling": without(LLAMA3, key)} for key in LLAMA3 if key != "rope_type"),
    *({"rope_scaling": LLAMA3 | {key: None}} for key in LLAMA3 if key != "rope_type"),
    {"rope_scaling": YARN},
    {"rope_scaling": YARN | {"factor": None}},
    {"rope_scaling": YARN | {"factor": 0.5}},
    {"rope_scaling": YARN | {"attention_factor": 1.5, "beta_fast": 16.0, "beta_slow": 2.0, "truncate": False}},
    {"rope_scaling": YARN | {"mscale": 0.7, "mscale_all_dim": 1.3}},
    {"rope_scaling": YARN | {"mscale": 0.7}},
    {"original_max_position_embeddings": 200, "rope_scaling": YARN},
    *({"rope_scaling": without(YARN, key)} for key in YARN if key != "rope_type"),
]


def outcome(keys):
    """What the reference computes, or that it refuses."""
    try:
        config = LlamaConfig(**SIZES, **json.loads(json.dumps(keys)))
        kind = config.rope_parameters["rope_type"]
        if kind == "default":
            base = config.rope_parameters["rope_theta"]
            return {"frequencies": [base ** (-i / config.head_dim) for i in range(0, config.head_dim, 2)],
                    "attention_factor": 1.0}
        frequencies, factor = ROPE_INIT_FUNCTIONS[kind](config)
        return {"frequencies": frequencies.double().tolist(), "attention_factor": factor}
    except (KeyError, TypeError, StrictDataclassError):
        return {"refused": True}


OUT.write_text("".join(json.dumps({"keys": SIZES | keys, **outcome(keys)}) + "\n" for keys in CASES))
