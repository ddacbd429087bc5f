package dev.cria.page;

import java.awt.Color;

/** What a mark is drawn in: a role, which the page's style gives one colour in light and another in dark. */
public enum Ink {
    TEXT("ink", 0x1b2230),
    MUTED("muted", 0x667085),
    GRID("grid", 0xe6e9ef),
    SURFACE("surface", 0xffffff),
    ALERT("alert", 0xc4320a),
    SERIES_1("s1", 0x2563c9),
    SERIES_2("s2", 0xd9570f),
    SERIES_3("s3", 0x0b8a6a),
    SERIES_4("s4", 0x8e3fb0),
    SERIES_5("s5", 0xa97800),
    SERIES_6("s6", 0x5b6474);

    private static final Ink[] SERIES = {SERIES_1, SERIES_2, SERIES_3, SERIES_4, SERIES_5, SERIES_6};

    private final String role;
    private final int light;

    Ink(String role, int light) {
        this.role = role;
        this.light = light;
    }

    /** The colour of the run at this place on the command line; they begin again after six. */
    public static Ink series(int index) {
        return SERIES[index % SERIES.length];
    }

    /** The CSS class, and the CSS variable without its dashes. */
    String role() {
        return role;
    }

    /** The colour on paper: PNG files are always light. */
    Color light() {
        return new Color(light);
    }
}
