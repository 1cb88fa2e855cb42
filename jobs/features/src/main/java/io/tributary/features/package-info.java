/** Jobs that take snapshots of feature views, publish them online, and build training sets. */
package io.tributary.features;
