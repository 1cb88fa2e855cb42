package io.tributary.offline.engine;

import io.tributary.offline.internal.join.Inner;
import org.apache.spark.sql.Dataset;

/**
 * Breaks the rules of the offline store's rooms, for the test that shows that they can be broken.
 */
interface SweepsDatasets {
  Dataset<?> rows();

  Inner inner();
}
