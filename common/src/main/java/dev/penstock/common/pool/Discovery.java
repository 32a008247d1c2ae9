package dev.penstock.common.pool;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where a pool learns of its instances. What was found last stays in force while a source is away. */
public interface Discovery {
    /** Begins; {@code found} is told all instances, each time they have changed, on any thread. */
    void start(Consumer<List<Instance>> found);

    /** Tells nothing more. */
    void stop();

    /** What is wrong now, for people; null while all is well. */
    @Nullable
    String problem();

    /** Finds nothing. */
    Discovery NONE = new Discovery() {
        @Override
        public void start(Consumer<List<Instance>> found) {}

        @Override
        public void stop() {}

        @Override
        public @Nullable String problem() {
            return null;
        }
    };
}
