package dev.penstock.gateway.auth;

import dev.penstock.common.bus.CallContext;

/**
 * Who does something that is put on record, and from where.
 *
 * @param id of the key or user; {@code anonymous} before a login
 * @param address in text form
 */
public record Caller(String id, String address, CallContext call) {}
