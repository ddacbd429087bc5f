/**
 * Which documents are worth learning from: published rules, each a pure function of one document, and the pipelines
 * made of them. Open FilterChain first.
 */
@NullMarked
package dev.cria.data.filter;

import org.jspecify.annotations.NullMarked;
