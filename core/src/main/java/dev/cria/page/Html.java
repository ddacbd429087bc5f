package dev.cria.page;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/** Makes words safe to stand in HTML, SVG, an attribute or an inline script. */
public final class Html {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");

    private Html() {}

    public static String escape(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.append(isAllowed(c) ? c : '\uFFFD');
            }
        }
        return safe.toString();
    }

    /** As {@link #escape}, with places where a narrow screen may break names of rules and paths, which else break anywhere. */
    public static String breakable(String name) {
        return escape(name).replaceAll("[_./](?=\\w)", "$0<wbr>");
    }

    /** A template with the values, which are HTML, in place of {@code {{name}}}; what has no value is left out. */
    public static String fill(String template, Map<String, String> values) {
        return PLACEHOLDER
                .matcher(template)
                .replaceAll(m -> Matcher.quoteReplacement(values.getOrDefault(m.group(1), "")));
    }

    /** As {@link #escape}, with what stands between backticks set as code. */
    public static String heading(String text) {
        return escape(text).replaceAll("`([^`]+)`", "<code>$1</code>");
    }

    /** Words that stay words in Markdown, whose readers take HTML as it is. */
    public static String inMarkdown(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    /** Control characters that XML 1.0 forbids would break the SVG files. */
    private static boolean isAllowed(char c) {
        return c >= 0x20 && c != 0xFFFE && c != 0xFFFF || c == '\t' || c == '\n' || c == '\r';
    }

    /** JSON that may stand between script tags: no sign in it can end them. */
    public static String scriptJson(Object value) {
        return JSON.writeValueAsString(value)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026");
    }
}
