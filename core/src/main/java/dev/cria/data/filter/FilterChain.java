package dev.cria.data.filter;

import dev.cria.data.source.Row;
import java.util.List;
import java.util.stream.Stream;

/**
 * Filters one after the other: the first that drops a document decides, and an edited text is what the later ones see.
 */
public record FilterChain(List<DocumentFilter> filters) {
    public static final FilterChain NONE = new FilterChain(List.of());

    public FilterChain {
        filters = List.copyOf(filters);
    }

    /** The same filters and one more. */
    public FilterChain and(DocumentFilter last) {
        return new FilterChain(Stream.concat(filters.stream(), Stream.of(last)).toList());
    }

    /** What all filters together say; an edit names every rule that changed the text. */
    public Verdict judge(Row.Document document) {
        return judge(document, filters);
    }

    /** What {@link #judge} says of a document that it is known to keep: only the filters that edit are asked. */
    public Verdict edit(Row.Document document) {
        return judge(document, filters.stream().filter(DocumentFilter::edits).toList());
    }

    private static Verdict judge(Row.Document document, List<DocumentFilter> filters) {
        TextView view = new TextView(document);
        Verdict verdict = Verdict.KEEP;
        for (DocumentFilter filter : filters) {
            switch (filter.judge(view)) {
                case Verdict.Keep _ -> {}
                case Verdict.Edit edit -> {
                    String rules =
                            verdict instanceof Verdict.Edit before ? before.rule() + ", " + edit.rule() : edit.rule();
                    verdict = new Verdict.Edit(rules, edit.text());
                    view = new TextView(document.withText(edit.text()));
                }
                case Verdict.Drop drop -> {
                    return drop;
                }
            }
        }
        return verdict;
    }
}
