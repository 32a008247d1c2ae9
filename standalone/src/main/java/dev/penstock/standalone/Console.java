package dev.penstock.standalone;

import dev.penstock.common.lifecycle.StartException;
import dev.penstock.embedded.EmbeddedException;
import java.io.PrintWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the person at the terminal sees. Logs go elsewhere. */
record Console(PrintWriter out, PrintWriter err) {
    private static final Logger log = LoggerFactory.getLogger(Console.class);

    void say(String line) {
        out.println(line);
        out.flush();
    }

    /** Something that the person should know, though all goes on. */
    void warn(String sentence) {
        err.println("penstock: " + sentence);
        err.flush();
    }

    /** One sentence; what is no expected failure also goes to the log, with its trace. */
    void fail(Throwable cause) {
        boolean expected = cause instanceof StartException || cause instanceof EmbeddedException;
        if (!expected) {
            log.error("unexpected failure", cause);
        }
        err.println("penstock: " + (expected ? cause.getMessage() : "This should not have happened: " + cause));
        err.flush();
    }
}
