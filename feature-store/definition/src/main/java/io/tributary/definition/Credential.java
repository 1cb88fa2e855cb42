package io.tributary.definition;

import java.util.Optional;

/** How the platform signs in at a server: a user and a password. */
public record Credential(Optional<String> user, Optional<Secret> password) {}
