package dev.cria;

/** Shows nothing. */
enum Silent implements Progress, Progress.Task {
    INSTANCE;

    @Override
    public Task begin(String name, String unit, long total) {
        return this;
    }

    @Override
    public void say(String line) {}

    @Override
    public void advance(long amount) {}

    @Override
    public void note(String words) {}

    @Override
    public void close() {}
}
