package dev.cria.page;

/** A value y at x, most often at a step. */
public record Point(double x, double y) {}
