/**
 * Views at many instants: snapshots as they are taken, indexed by the commits that took them, and
 * looked up.
 */
package io.tributary.offline.internal.snapshot;
