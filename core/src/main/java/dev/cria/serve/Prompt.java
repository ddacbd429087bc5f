package dev.cria.serve;

/** What is written on. */
record Prompt(int[] ids, String text) {}
