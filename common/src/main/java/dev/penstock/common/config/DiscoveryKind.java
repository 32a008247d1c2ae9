package dev.penstock.common.config;

/** Where a pool learns of instances beyond those that are listed. */
public enum DiscoveryKind {
    /** Nowhere. */
    STATIC,
    /** Address records (A and AAAA). */
    DNS,
    /** Service records, with ports and weights. */
    DNS_SRV,
    /** The EndpointSlices of a Kubernetes service. */
    KUBERNETES,
    /** Instances that register themselves. */
    REGISTRY
}
