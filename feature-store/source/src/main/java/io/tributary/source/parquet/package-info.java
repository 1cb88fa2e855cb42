/** Files of Parquet. */
package io.tributary.source.parquet;
