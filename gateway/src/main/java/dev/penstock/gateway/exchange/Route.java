package dev.penstock.gateway.exchange;

import dev.penstock.common.contract.Operation;
import dev.penstock.gateway.policy.OperationClass;
import org.jspecify.annotations.Nullable;

/** The operations below {@code /v1}. */
public enum Route {
    EMBEDDINGS("POST", "/v1/embeddings", "embeddings", OperationClass.ANALYSIS, Operation.EMBEDDINGS),
    CHAT("POST", "/v1/chat/completions", "chat", OperationClass.AI, Operation.CHAT),
    MODELS("GET", "/v1/models", "models", OperationClass.REFERENCE, null),
    /** Ids may contain slashes: the rest of the path is the id. */
    MODEL("GET", "/v1/models/{id}", "models", OperationClass.REFERENCE, null),
    UNKNOWN("GET", "/v1/*", "unknown", OperationClass.DEFAULT, null);

    public static final String MODEL_PREFIX = "/v1/models/";

    private final String method;
    private final String pattern;
    private final String operation;
    private final OperationClass operationClass;
    private final @Nullable Operation work;

    Route(String method, String pattern, String operation, OperationClass operationClass, @Nullable Operation work) {
        this.method = method;
        this.pattern = pattern;
        this.operation = operation;
        this.operationClass = operationClass;
        this.work = work;
    }

    /** The route of a path, whatever the method. */
    public static Route of(String path) {
        return switch (path) {
            case "/v1/embeddings" -> EMBEDDINGS;
            case "/v1/chat/completions" -> CHAT;
            case "/v1/models" -> MODELS;
            default -> path.startsWith(MODEL_PREFIX) && path.length() > MODEL_PREFIX.length() ? MODEL : UNKNOWN;
        };
    }

    public String method() {
        return method;
    }

    /** As in labels. */
    public String pattern() {
        return pattern;
    }

    /** As in {@code limits}. */
    public String operation() {
        return operation;
    }

    public OperationClass operationClass() {
        return operationClass;
    }

    /** What a model is asked to do; null where no model is asked. */
    public @Nullable Operation work() {
        return work;
    }
}
