package dev.cria.demo;

/** The ways in which the restart stage begins again from a checkpoint. */
enum Fork {
    /** All that decides the next step comes back. */
    WITH_STATE("with-state"),
    /** The moments are lost, as in the paper's run. */
    WITHOUT_STATE("without-state"),
    /** All comes back, on two processes that share each step. */
    TWO_RANKS("two-ranks");

    private final String directory;

    Fork(String directory) {
        this.directory = directory;
    }

    String directory() {
        return directory;
    }
}
