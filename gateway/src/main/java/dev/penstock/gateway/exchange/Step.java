package dev.penstock.gateway.exchange;

/** What comes after a stage. */
public enum Step {
    /** The next stage. */
    NEXT,
    /** The stage works on and calls {@link Exchange#resume} itself, exactly once. */
    LATER,
    /** The answer, or the fault, is known: straight to Respond. */
    ANSWER
}
