package dev.penstock.common.config;

import dev.penstock.common.unit.DataSize;
import java.time.Duration;

/** Bounds of connections and of slow requests, for each gateway. */
public record ConnectionsConfig(
        @Setting(
                doc = "Connections at once from one address (IPv6: from one /64); 0 for no bound.",
                value = "512",
                min = 0)
        int perAddress,

        @Setting(doc = "Connections at once in all; 0 for no bound.", value = "20000", min = 0)
        int total,

        @Setting(
                doc = "Time for a request's head to arrive, from its first byte or from the connection's start.",
                value = "10s",
                min = 100)
        Duration head,

        @Setting(
                doc = "Least rate of a body, per second, over body-grace and longer; 0B for none.",
                value = "64B",
                min = 0)
        DataSize bodyRate,

        @Setting(doc = "Time before the least rate holds.", value = "10s", min = 100)
        Duration bodyGrace,

        @Setting(
                doc = "Requests on one connection of HTTP/1.1, after which it is closed; 0 for no bound.",
                value = "0",
                min = 0)
        int requests,

        @Setting(doc = "Streams at once on one connection of HTTP/2.", value = "128", min = 1)
        int streams,

        @Setting(
                doc = "Streams that a client may reset within 30 s on one connection of HTTP/2.",
                value = "200",
                min = 1)
        int resets) {}
