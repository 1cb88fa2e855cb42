/**
 * The offline feature store: events, snapshots and training sets by the point-in-time contract
 * (docs/point-in-time.md).
 */
package io.tributary.offline;
