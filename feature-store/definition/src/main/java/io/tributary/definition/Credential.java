package io.tributary.definition;

import java.util.Optional;

/** How the platform signs in at a server: a user's password, or a token. */
public record Credential(
    Optional<String> user, Optional<Secret> password, Optional<Secret> token) {}
