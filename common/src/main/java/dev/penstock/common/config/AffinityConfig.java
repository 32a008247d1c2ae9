package dev.penstock.common.config;

import java.time.Duration;

/** Whether a caller meets the same instance again. */
public record AffinityConfig(
        @Setting(doc = "What a caller is recognised by: none, cookie, header, address.", value = "none")
        AffinityKind by,

        @Setting(doc = "Name of the cookie or header.", value = "penstock-instance")
        String name,

        @Setting(doc = "Life of the cookie and of what is remembered; each call renews it.", value = "1h", min = 1000)
        Duration ttl) {}
