package io.tributary.core;

import java.util.Optional;

/**
 * Which state of a project's folder a run used.
 *
 * @param commit the commit that is checked out; empty where the folder is in no git repository, or
 *     git can't be asked
 * @param dirty whether definition files differ from that commit
 * @param files the digest of all definition files, their paths and bytes
 */
public record ProjectRevision(Optional<String> commit, boolean dirty, Digest files) {}
