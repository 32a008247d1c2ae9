package dev.penstock.gateway.exchange;

import dev.penstock.common.contract.Operation;
import dev.penstock.gateway.policy.OperationClass;
import dev.penstock.gateway.wire.Form;
import org.jspecify.annotations.Nullable;

/** The operations of the AI API, and one for all plain routes. */
public enum Route {
    EMBEDDINGS("POST", "/v1/embeddings", "embeddings", OperationClass.ANALYSIS, Operation.EMBEDDINGS, null),
    CHAT("/v1/chat/completions", "chat", OperationClass.AI, Operation.CHAT, Form.CHAT),
    COMPLETIONS("/v1/completions", "completions", OperationClass.AI, Operation.COMPLETIONS, Form.COMPLETIONS),
    RESPONSES("/v1/responses", "responses", OperationClass.AI, Operation.RESPONSES, Form.RESPONSES),
    MESSAGES("/v1/messages", "messages", OperationClass.AI, Operation.CHAT, Form.MESSAGES),
    COUNT_TOKENS(
            "/v1/messages/count_tokens", "count_tokens", OperationClass.ANALYSIS, Operation.CHAT, Form.COUNT_TOKENS),
    MODERATIONS("/v1/moderations", "moderations", OperationClass.ANALYSIS, Operation.MODERATIONS, Form.MODERATIONS),
    /** Also at {@code /v2/rerank}, where newer clients of Cohere's look. */
    RERANK("/v1/rerank", "rerank", OperationClass.ANALYSIS, Operation.RERANK, Form.RERANK),
    CLASSIFY("/v1/classify", "classify", OperationClass.ANALYSIS, Operation.CLASSIFY, Form.CLASSIFY),
    MODELS("GET", "/v1/models", "models", OperationClass.REFERENCE, null, null),
    /** Ids may contain slashes: the rest of the path is the id. */
    MODEL("GET", "/v1/models/{id}", "models", OperationClass.REFERENCE, null, null),
    /** What is kept at the provider; not looked up. */
    STORED_RESPONSE("GET", "/v1/responses/{id}", "stored_responses", OperationClass.REFERENCE, null, null),
    /** A plain route of the configuration; which one, {@link Exchange#upstream} says. Never a match of {@link #of}. */
    UPSTREAM("*", "/*", "upstream", OperationClass.UPSTREAM, null, null),
    UNKNOWN("GET", "/v1/*", "unknown", OperationClass.DEFAULT, null, null);

    public static final String MODEL_PREFIX = "/v1/models/";
    private static final String RESPONSE_PREFIX = "/v1/responses/";

    private final String method;
    private final String pattern;
    private final String operation;
    private final OperationClass operationClass;
    private final @Nullable Operation work;
    private final @Nullable Form form;

    Route(String pattern, String operation, OperationClass operationClass, Operation work, Form form) {
        this("POST", pattern, operation, operationClass, work, form);
    }

    Route(
            String method,
            String pattern,
            String operation,
            OperationClass operationClass,
            @Nullable Operation work,
            @Nullable Form form) {
        this.method = method;
        this.pattern = pattern;
        this.operation = operation;
        this.operationClass = operationClass;
        this.work = work;
        this.form = form;
    }

    /** The route of a path, whatever the method. */
    public static Route of(String path) {
        return switch (path) {
            case "/v1/embeddings" -> EMBEDDINGS;
            case "/v1/chat/completions" -> CHAT;
            case "/v1/completions" -> COMPLETIONS;
            case "/v1/responses" -> RESPONSES;
            case "/v1/messages" -> MESSAGES;
            case "/v1/messages/count_tokens" -> COUNT_TOKENS;
            case "/v1/moderations" -> MODERATIONS;
            case "/v1/rerank", "/v2/rerank" -> RERANK;
            case "/v1/classify" -> CLASSIFY;
            case "/v1/models" -> MODELS;
            default -> below(path);
        };
    }

    private static Route below(String path) {
        if (path.startsWith(MODEL_PREFIX) && path.length() > MODEL_PREFIX.length()) {
            return MODEL;
        }
        return path.startsWith(RESPONSE_PREFIX) && path.length() > RESPONSE_PREFIX.length() ? STORED_RESPONSE : UNKNOWN;
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

    /** The form of a request that one instance answers as a whole; null for all others. */
    public @Nullable Form form() {
        return form;
    }
}
