package io.tributary.core;

import java.util.Optional;

/**
 * The state of a project's folder that a run used.
 *
 * @param commit the commit that is checked out; empty if the folder is in no git repository, or git
 *     is not available
 * @param dirty whether definition files differ from that commit
 * @param files the digest of all definition files, their paths and bytes
 */
public record ProjectRevision(Optional<String> commit, boolean dirty, Digest files) {}
