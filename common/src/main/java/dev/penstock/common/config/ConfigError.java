package dev.penstock.common.config;

/**
 * One thing that is wrong with the configuration. Never holds a secret's value.
 *
 * @param file the file, or {@code environment PENSTOCK_…} where a variable is wrong
 * @param line from 1; 0 where there is no line
 * @param column from 1; 0 where there is none
 * @param key path such as {@code models[0].instances[1].url}; empty for the whole document
 * @param problem what is wrong, as a sentence without its full stop
 * @param fix what to do about it, as a sentence without its full stop
 */
public record ConfigError(String file, int line, int column, String key, String problem, String fix) {
    /** One line for a terminal: where, what, and what to do. */
    @Override
    public String toString() {
        String where = line == 0 ? file : file + ":" + line + ":" + column;
        String what = key.isEmpty() ? problem : key + ": " + problem;
        return where + ": " + what + ". " + fix + ".";
    }
}
