package dev.penstock.common.config;

/** One listed instance of a pool. */
public record PoolInstanceConfig(
        @Setting(doc = "Name, unique in its pool; empty takes host and port.")
        String name,

        @Setting(
                doc = "Base URL, such as http://10.0.0.7:8080; its path, if any, goes before the request's.",
                value = Setting.REQUIRED)
        String url,

        @Setting(doc = "Share of the traffic relative to the others.", value = "1", min = 1, max = 1000)
        int weight) {}
