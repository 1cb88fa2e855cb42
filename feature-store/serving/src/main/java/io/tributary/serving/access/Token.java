package io.tributary.serving.access;

import io.tributary.core.Digest;
import io.tributary.core.Principal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What a lake knows of a bearer token of one project: all but its secret.
 *
 * @param name of whoever is to use it; of a project's tokens of one name, one at most is good
 * @param id tells it from every other; the token itself begins with it
 * @param hash the digest of the token: of 256 random bits nobody finds another one with it
 * @param roles what it lets its bearer do
 * @param tags of columns that it opens beside those that are open to all
 * @param expires when it is no longer good; empty = never
 */
public record Token(
    String project,
    String name,
    String id,
    Digest hash,
    Set<Role> roles,
    Set<String> tags,
    Optional<Instant> expires,
    Instant created,
    Principal by,
    Optional<Revocation> revocation) {
  public Token {
    roles = Set.copyOf(roles);
    tags = Set.copyOf(tags);
  }

  /** That it is no longer good, since when, by whom and why. */
  public record Revocation(Instant at, Principal by, String reason) {}

  /** Whether it is good. */
  public boolean isGood(Instant now) {
    return revocation.isEmpty() && expires.map(now::isBefore).orElse(true);
  }

  /** Whether a text is this token; it takes as long for one that is nearly. */
  public boolean is(String text) {
    return MessageDigest.isEqual(
        hash.hex().getBytes(StandardCharsets.US_ASCII),
        Digest.of(text).hex().getBytes(StandardCharsets.US_ASCII));
  }

  /** Whether it lets its bearer do what asks for a role. */
  public boolean allows(Role needed) {
    return roles.stream().anyMatch(role -> role.includes(needed));
  }

  /** Its bearer, as logs and events name them: {@code token:reports}. */
  public Principal principal() {
    return new Principal("token:" + name, "token");
  }

  Token revoked(Revocation by) {
    return new Token(
        project, name, id, hash, roles, tags, expires, created, this.by, Optional.of(by));
  }
}
