package dev.penstock.common.contract;

/** The reply of calls that have nothing to say but that they were done. */
public record Ack() {
    public static final Ack OK = new Ack();
}
