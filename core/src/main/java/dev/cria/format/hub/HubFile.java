package dev.cria.format.hub;

import java.util.Optional;

/**
 * A file of a repository as the hub lists it.
 *
 * @param path in the repository
 * @param blob the name of its content: SHA-256 of large files, git's SHA-1 of others
 * @param sha256 of its content, which the hub knows of large files
 */
record HubFile(String path, long bytes, String blob, Optional<String> sha256) {}
