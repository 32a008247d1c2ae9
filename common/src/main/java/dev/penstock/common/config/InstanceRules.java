package dev.penstock.common.config;

import dev.penstock.common.contract.Operation;

/** What must hold between an instance's API, its settings, and what its model is for. Pure. */
final class InstanceRules {
    /** Takes what does not hold. */
    @FunctionalInterface
    interface Report {
        void add(String path, String problem, String fix);
    }

    private InstanceRules() {}

    /** @param path of the model */
    static void check(ModelConfig model, String path, Report report) {
        for (int i = 0; i < model.instances().size(); i++) {
            InstanceConfig instance = model.instances().get(i);
            String at = path + ".instances[" + i + "]";
            operations(model, instance, at, report);
            settings(instance, at, report);
        }
    }

    private static void operations(ModelConfig model, InstanceConfig instance, String at, Report report) {
        for (Operation operation : model.operations()) {
            if (!instance.api().can(operation)) {
                report.add(
                        at + ".api",
                        "the model is for " + operation.label() + ", which the API "
                                + instance.api().label() + " does not do",
                        "It does " + instance.api().shown() + ": change operations or api");
            }
        }
        if (instance.url().equals("sandbox") && instance.api() != Api.OPENAI && instance.api() != Api.ANTHROPIC) {
            report.add(at + ".api", "the sandbox speaks openai and anthropic", "Remove api");
        }
        boolean byDeployment =
                instance.api() == Api.AZURE && !instance.apiVersion().isEmpty();
        if (byDeployment && model.operations().contains(Operation.RESPONSES)) {
            report.add(
                    at + ".api-version",
                    "responses are not there by deployment, only in Azure's v1 API",
                    "Remove api-version, or responses from operations");
        }
        if (byDeployment && instance.deployment().isEmpty() && instance.model().isEmpty()) {
            report.add(at + ".deployment", "with api-version the deployment must be known", "Give deployment or model");
        }
    }

    private static void settings(InstanceConfig instance, String at, Report report) {
        Api api = instance.api();
        if (!instance.apiVersion().isEmpty() && api != Api.AZURE && api != Api.ANTHROPIC) {
            report.add(at + ".api-version", "only azure and anthropic have one", "Remove it, or set api");
        }
        if (!instance.deployment().isEmpty()
                && (api != Api.AZURE || instance.apiVersion().isEmpty())) {
            report.add(
                    at + ".deployment",
                    "a deployment is only for azure with api-version",
                    "Use model, which the v1 API takes the deployment's name in, or set api and api-version");
        }
        if (instance.maxTokens() != null && api != Api.ANTHROPIC) {
            report.add(at + ".max-tokens", "only anthropic needs it", "Remove it, or set api: anthropic");
        }
    }
}
