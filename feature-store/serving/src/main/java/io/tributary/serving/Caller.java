package io.tributary.serving;

import io.tributary.serving.access.Role;
import io.tributary.serving.access.Token;
import io.tributary.serving.access.Tokens;
import java.util.Optional;
import java.util.Set;

/**
 * Who asks, and what is open to them.
 *
 * @param token empty where they showed none
 * @param trusted whether all is open without one
 * @param tags of guarded columns that they may read
 */
record Caller(Optional<Token> token, boolean trusted, Set<String> tags) {
  /** A program of this machine, where the project has no tokens. */
  static final Caller LOCAL = new Caller(Optional.empty(), true, Tokens.GUARDED);

  /** Whoever reaches a server that asks nobody. */
  static final Caller ANYBODY = new Caller(Optional.empty(), true, Set.of());

  /** Somebody without a token that is good. */
  static final Caller STRANGER = new Caller(Optional.empty(), false, Set.of());

  static Caller of(Token token) {
    return new Caller(Optional.of(token), false, token.tags());
  }

  boolean may(Permission needed) {
    return trusted
        || switch (needed) {
          case NONE -> true;
          case ANY -> token.isPresent();
          case READ -> token.map(t -> t.allows(Role.READ)).orElse(false);
          case SCORE -> token.map(t -> t.allows(Role.SCORE)).orElse(false);
        };
  }
}
