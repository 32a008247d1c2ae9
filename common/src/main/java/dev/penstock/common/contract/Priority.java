package dev.penstock.common.contract;

/** How urgent a caller says its work is, highest first. */
public enum Priority {
    CRITICAL,
    HIGH,
    NORMAL,
    LOW
}
