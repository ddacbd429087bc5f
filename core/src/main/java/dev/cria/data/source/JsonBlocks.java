package dev.cria.data.source;

/**
 * Documents of a file of JSON.
 *
 * @param cuts the file's values, not parsed yet
 * @param parser makes rows of them
 */
record JsonBlocks(JsonCuts cuts, JsonRows parser) implements Blocks {

    @Override
    public boolean hasNext() {
        return cuts.hasNext();
    }

    @Override
    public Block next() {
        JsonCuts.Cut cut = cuts.next();
        return new Block(cut.bytes(), rows -> cut.values().accept(parser.into(rows)));
    }

    @Override
    public void close() {
        cuts.close();
    }
}
