/**
 * A server of OpenAI's interface, of the page to talk to models, and of the board of runs. Open Server first.
 */
@NullMarked
package dev.cria.serve;

import org.jspecify.annotations.NullMarked;
