package dev.cria.parallel;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Why a rank ends, in a form that travels to the others. */
record Failure(int rank, Kind kind, String error, String hint) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Which exit code all ranks end with. */
    enum Kind {
        REQUEST_WRONG,
        WORK_FAILED
    }

    static Failure of(int rank, Throwable thrown) {
        return switch (thrown) {
            case RequestException wrong -> new Failure(rank, Kind.REQUEST_WRONG, wrong.error(), wrong.hint());
            case WorkException failed -> new Failure(rank, Kind.WORK_FAILED, failed.error(), failed.hint());
            default -> new Failure(rank, Kind.WORK_FAILED, "failed: " + thrown, "its own output says more");
        };
    }

    String toText() {
        return JSON.writeValueAsString(this);
    }

    /** Nothing where no rank has written this. */
    static Optional<Failure> fromText(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            boolean whole = json.path("rank").canConvertToInt()
                    && json.path("kind").isString()
                    && json.path("error").isString()
                    && json.path("hint").isString();
            return whole ? Optional.of(JSON.treeToValue(json, Failure.class)) : Optional.empty();
        } catch (JacksonException _) {
            return Optional.empty();
        }
    }

    /** The exception with which another rank ends. */
    RuntimeException elsewhere() {
        String told = "rank " + rank + ": " + error;
        return switch (kind) {
            case REQUEST_WRONG -> new RequestException(told, hint);
            case WORK_FAILED -> new WorkException(told, hint);
        };
    }
}
