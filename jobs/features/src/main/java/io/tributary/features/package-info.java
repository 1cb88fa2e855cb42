/** Jobs that materialize feature snapshots and publish them online. */
package io.tributary.features;
