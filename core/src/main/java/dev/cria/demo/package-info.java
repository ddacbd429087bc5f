/**
 * The whole story on a laptop: every stage from WordNet's sentences to the report, by the same classes as the commands.
 * Nothing but the order of the stages and their sizes stands here. Open Demo first.
 */
@NullMarked
package dev.cria.demo;

import org.jspecify.annotations.NullMarked;
