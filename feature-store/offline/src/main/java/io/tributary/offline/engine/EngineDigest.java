package io.tributary.offline.engine;

import io.tributary.core.Digest;

/** The engine's part in what decides a result. */
public final class EngineDigest {
  /** Another text where the engine computes other values from the same definition. */
  private static final String ENGINE = "point-in-time 1";

  private EngineDigest() {}

  /** Of what this engine makes of a definition. */
  public static Digest of(Digest definition) {
    return Digest.of(ENGINE + " " + definition);
  }
}
