package dev.cria.nn;

import dev.cria.tensor.Into;
import dev.cria.tensor.Tensor;

/** Where an operation writes its share of a gradient, and how. */
record Slot(Tensor tensor, Into into) {}
