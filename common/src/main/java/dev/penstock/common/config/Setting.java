package dev.penstock.common.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a configuration record's component means: the text of {@code docs/configuration.md} and of the JSON Schema, its
 * default, and its bounds. The key is the component's name in kebab case.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** One or two sentences for the person who sets it. */
    String doc();

    /**
     * The default as it would stand in the file; {@link #REQUIRED} where there is none. An empty default means: an empty
     * string, list or map, null for nullable components, and the record's own defaults for nested records.
     */
    String value() default "";

    /** The key in the file where it is not the component's name, for words that Java keeps for itself. */
    String key() default "";

    /** The least number, duration in milliseconds, or size in bytes that is allowed. */
    long min() default Long.MIN_VALUE;

    /** The most that is allowed, in the unit of {@link #min()}. */
    long max() default Long.MAX_VALUE;

    /** Marks a component that must be given. */
    String REQUIRED = "\0required";
}
