/**
 * Files of the Hugging Face hub: listed, downloaded in parallel pieces, checked, and kept in a cache laid out like the
 * hub's own, so that both find each other's files. Open Hub first.
 */
@NullMarked
package dev.cria.format.hub;

import org.jspecify.annotations.NullMarked;
