package io.tributary.events.internal;

import io.tributary.events.Event;
import java.util.Optional;

/**
 * One row of an event log.
 *
 * @param commit the version whose commit first wrote it; −1 when a rewrite lost it
 * @param slot the slot of the decision that it belongs to
 * @param generation the number of that decision in its slot, from 1; 0 without a slot
 */
public record Entry(long commit, Event event, Optional<String> slot, long generation) {}
