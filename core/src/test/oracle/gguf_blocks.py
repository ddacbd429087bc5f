"""Tensors of every type that is read, and the numbers that the package gguf makes of them: resources/oracle/gguf/blocks.gguf.

pip install gguf==0.19.0; python gguf_blocks.py ../resources/oracle/gguf/blocks.gguf
"""
import sys

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFWriter
from gguf.quants import dequantize

random = np.random.default_rng(17)
writer = GGUFWriter(sys.argv[1], "none")
writer.add_uint32("none.answer", 42)
writer.add_float32("none.eps", 1e-5)
writer.add_array("none.words", ["llama", "cria"])
# Where the float16 of a block stand, which must be numbers.
layouts = {Type.Q4_0: (18, [0]), Type.Q8_0: (34, [0]), Type.Q4_K: (144, [0, 2]), Type.Q6_K: (210, [208])}
for kind, (size, scales) in layouts.items():
    rows = random.integers(0, 256, (3, 2 * size), dtype=np.uint8)
    for block in range(2):
        for at in scales:
            half = random.normal(0, 0.02, 3).astype(np.float16).view(np.uint8).reshape(3, 2)
            rows[:, block * size + at : block * size + at + 2] = half
    writer.add_tensor(kind.name, rows, raw_dtype=kind)
    writer.add_tensor(kind.name + ".expected", dequantize(rows, kind).astype(np.float32))
plain = random.normal(0, 1, (3, 64)).astype(np.float32)
writer.add_tensor("F32", plain)
writer.add_tensor("F32.expected", plain)
writer.add_tensor("F16", plain.astype(np.float16))
writer.add_tensor("F16.expected", plain.astype(np.float16).astype(np.float32))
bits = (plain.view(np.uint32) >> 16).astype(np.uint16)
writer.add_tensor("BF16", bits.view(np.uint8).reshape(3, -1), raw_dtype=Type.BF16)
writer.add_tensor("BF16.expected", (bits.astype(np.uint32) << 16).view(np.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
