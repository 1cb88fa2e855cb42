package io.tributary.offline.internal.join;

/** In a room that the engine may not enter. */
public interface Inner {}
