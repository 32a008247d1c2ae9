/**
 * What the sandbox answers, as pure functions of the request; entry class {@link
 * dev.penstock.sandbox.policy.FeatureHashing}.
 */
@NullMarked
package dev.penstock.sandbox.policy;

import org.jspecify.annotations.NullMarked;
