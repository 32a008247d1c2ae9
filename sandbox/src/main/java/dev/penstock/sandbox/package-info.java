/**
 * The sandbox model server: speaks the OpenAI API over real HTTP on loopback, needs no model and no network,
 * and costs as much time as it is told to; entry class {@link dev.penstock.sandbox.SandboxServer}.
 */
@NullMarked
package dev.penstock.sandbox;

import org.jspecify.annotations.NullMarked;
