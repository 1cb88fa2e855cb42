/**
 * Views compiled to travel, their events on the way to their entity, and the engine's sweeps over
 * both.
 */
package io.tributary.offline.internal.sweep;
