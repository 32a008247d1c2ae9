package dev.penstock.cache.store;

import dev.penstock.cache.policy.Generations.Mark;
import java.util.List;

/**
 * What a shared store knows of invalidations.
 *
 * @param highest the highest number that it gave out or was told
 */
public record Known(long highest, List<Mark> marks) {
    public Known {
        marks = List.copyOf(marks);
    }
}
