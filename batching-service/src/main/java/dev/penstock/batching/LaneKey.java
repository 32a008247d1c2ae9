package dev.penstock.batching;

import dev.penstock.common.contract.Operation;
import dev.penstock.common.unit.Bytes;

/**
 * What items of one model must have in common to share a call.
 *
 * @param params canonical JSON: equal bytes mean equal parameters
 */
record LaneKey(Operation operation, Bytes params) {}
