package dev.cria.model;

import java.util.Map;

/**
 * How llama.cpp knows a model.
 *
 * @param architecture the name that its keys begin with
 * @param keys those that only this architecture has, without that name
 * @param interleavesHeads whether it rotates neighbours (2j, 2j+1) where the model rotates halves (j, j + headDim/2)
 * @param tiedHeadAsTensor whether it wants a tied head as a tensor of its own, as llama.cpp of 2025 does for GPT-2
 * @param vectors tensors that follow from the configuration, by llama.cpp's names
 */
public record Gguf(
        String architecture,
        Map<String, Object> keys,
        boolean interleavesHeads,
        boolean tiedHeadAsTensor,
        Map<String, float[]> vectors) {}
