package dev.cria.report;

/** A value y at x, most often at a step. */
record Point(double x, double y) {}
