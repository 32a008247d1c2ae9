package dev.penstock.common.unit;

/** A value that never shows itself: {@code toString} is a mask, so that no log or error can leak it. */
public record Secret(String reveal) {
    @Override
    public String toString() {
        return "********";
    }
}
