package dev.cria.serve;

import java.util.Optional;

/** A refusal in OpenAI's shape. */
final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String type;
    private final String param;
    private final String code;

    private ApiError(int status, String type, String param, String code, String message) {
        super(message);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
    }

    /** The request is wrong. @param param the key that is, empty where none is */
    static ApiError wrong(String param, String message) {
        return new ApiError(400, "invalid_request_error", param, "", message);
    }

    static ApiError tooLong(String message) {
        return new ApiError(400, "invalid_request_error", "", "context_length_exceeded", message);
    }

    static ApiError noModel(String model) {
        return new ApiError(
                404,
                "invalid_request_error",
                "model",
                "model_not_found",
                "The model '" + model + "' is not served here; GET /v1/models lists those that are.");
    }

    static ApiError noKey() {
        return new ApiError(
                401, "invalid_request_error", "", "invalid_api_key", "Give the key: Authorization: Bearer KEY.");
    }

    static ApiError forbidden(String message) {
        return new ApiError(403, "invalid_request_error", "", "", message);
    }

    static ApiError notFound() {
        return new ApiError(404, "invalid_request_error", "", "", "There is nothing at this address.");
    }

    static ApiError otherMethod(String method) {
        return new ApiError(405, "invalid_request_error", "", "", "This address does not take " + method + ".");
    }

    static ApiError tooManyHeaders() {
        return new ApiError(431, "invalid_request_error", "", "", "The request has too many headers.");
    }

    static ApiError busy(String message) {
        return new ApiError(503, "server_error", "", "", message);
    }

    static ApiError failed(String message) {
        return new ApiError(500, "server_error", "", "", message);
    }

    int status() {
        return status;
    }

    String message() {
        return Optional.ofNullable(getMessage()).orElse("");
    }

    String toJson() {
        var error = Json.object();
        error.put("message", message());
        error.put("type", type);
        Json.putOrNull(error, "param", param);
        Json.putOrNull(error, "code", code);
        var json = Json.object();
        json.set("error", error);
        return json.toString();
    }
}
