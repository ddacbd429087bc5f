/**
 * The dialect of Jinja that chat templates are written in, as transformers renders it. A template sees strings, numbers,
 * booleans, lists, maps and the functions of this package, all of them {@link dev.cria.template.Value}s; there is no way
 * from one of these to an object of Java. Steps, memory, nesting and output are bounded.
 *
 * <p>Open {@link dev.cria.template.Jinja} first, then {@link dev.cria.template.Statement} and
 * {@link dev.cria.template.Expression}, which are what a template is parsed into.
 */
@NullMarked
package dev.cria.template;

import org.jspecify.annotations.NullMarked;
