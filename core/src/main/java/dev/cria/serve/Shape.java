package dev.cria.serve;

import tools.jackson.databind.node.ObjectNode;

/** How one of the two interfaces shows choices. */
interface Shape {
    /** The {@code object} of a whole answer. */
    String whole();

    /** The {@code object} of a part of a stream. */
    String part();

    /** What begins each id. */
    String idPrefix();

    /** A choice's first part of a stream. */
    ObjectNode opening(Choice choice);

    ObjectNode choice(Choice choice);

    ObjectNode delta(Choice.Delta delta);

    /** A choice's last part of a stream. */
    ObjectNode closing(Choice choice);

    /** Whether a stream begins with {@link #opening}. */
    boolean opens(Choice choice);
}
