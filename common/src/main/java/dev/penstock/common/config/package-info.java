/** One YAML document as records: defaults, units, every error at once with its line. Start at {@link dev.penstock.common.config.PenstockConfig}. */
@NullMarked
package dev.penstock.common.config;

import org.jspecify.annotations.NullMarked;
