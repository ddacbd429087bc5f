package dev.cria.demo;

import dev.cria.RequestException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the demo puts what it makes. */
record DemoFiles(Path out) {

    /** The corpus, its benchmarks, its instructions and facts. */
    Path primer() {
        return out.resolve("primer");
    }

    Path tokenizer() {
        return out.resolve("tokenizer");
    }

    /** The token shards. */
    Path data() {
        return out.resolve("data");
    }

    /** The main run, which also holds what was measured of it. */
    Path run() {
        return out.resolve("pretrain");
    }

    /** The main run begun again from one of its checkpoints in another way. */
    Path fork(Fork fork) {
        return out.resolve("restart").resolve(fork.directory());
    }

    /** The instruction tuning. */
    Path tuning() {
        return out.resolve("tune");
    }

    Path report() {
        return out.resolve("report");
    }

    void requireFree() {
        if (Files.exists(run())) {
            throw new RequestException(
                    out + " holds a demo already",
                    "look at " + report().resolve("index.html") + ", or choose another --out");
        }
    }
}
