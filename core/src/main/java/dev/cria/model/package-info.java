/**
 * LLaMA and GPT-2 written forward only, their configurations and presets, and their files on disk.
 * Open Llama first.
 */
@NullMarked
package dev.cria.model;

import org.jspecify.annotations.NullMarked;
