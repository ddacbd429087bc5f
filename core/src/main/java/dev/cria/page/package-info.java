/**
 * Figures, tables and the page that shows them, for everything Cria tells in a browser: runs, data, scoring sheets. A caller
 * brings values and words; how they are drawn, escaped and laid out is decided here. Open {@link dev.cria.page.Page} first.
 */
@NullMarked
package dev.cria.page;

import org.jspecify.annotations.NullMarked;
