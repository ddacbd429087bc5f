package dev.cria.weights;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Hugging Face's tensor names in llama.cpp's words. */
final class GgufNames {
    private static final Pattern LAYER =
            Pattern.compile("(?:model\\.layers|transformer\\.h)\\.(\\d+)\\.(.+)\\.(weight|bias)");

    private static final Map<String, String> OUTSIDE = Map.of(
            "model.embed_tokens.weight", "token_embd.weight",
            "model.norm.weight", "output_norm.weight",
            "lm_head.weight", "output.weight",
            "transformer.wte.weight", "token_embd.weight",
            "transformer.wpe.weight", "position_embd.weight",
            "transformer.ln_f.weight", "output_norm.weight",
            "transformer.ln_f.bias", "output_norm.bias");

    private static final Map<String, String> WITHIN = Map.ofEntries(
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"),
            Map.entry("ln_1", "attn_norm"),
            Map.entry("attn.c_attn", "attn_qkv"),
            Map.entry("attn.c_proj", "attn_output"),
            Map.entry("ln_2", "ffn_norm"),
            Map.entry("mlp.c_fc", "ffn_up"),
            Map.entry("mlp.c_proj", "ffn_down"));

    private GgufNames() {}

    static String of(String name) {
        Matcher layer = LAYER.matcher(name);
        String found = layer.matches() ? WITHIN.get(layer.group(2)) : OUTSIDE.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no GGUF name for " + name);
        }
        return layer.matches() ? "blk." + layer.group(1) + "." + found + "." + layer.group(3) : found;
    }
}
