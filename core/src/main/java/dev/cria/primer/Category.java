package dev.cria.primer;

/** What a concept is a kind of, in a word that everybody knows; {@code group} holds its siblings. */
record Category(Entry entry, Name name, String group) {}
