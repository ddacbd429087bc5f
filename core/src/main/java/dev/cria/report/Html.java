package dev.cria.report;

/** Makes words safe to stand in HTML, SVG, an attribute or an inline script. */
final class Html {
    private Html() {}

    static String escape(String text) {
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

    /** Control characters that XML 1.0 forbids would break the SVG files. */
    private static boolean isAllowed(char c) {
        return c >= 0x20 && c != 0xFFFE && c != 0xFFFF || c == '\t' || c == '\n' || c == '\r';
    }

    /** JSON that may stand between script tags: no sign in it can end them. */
    static String scriptJson(Object value) {
        return JsonFiles.write(value)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026");
    }
}
