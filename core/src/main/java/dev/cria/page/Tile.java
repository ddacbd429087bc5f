package dev.cria.page;

/** A figure at the top of a page. */
public record Tile(String label, String value, String detail) {}
