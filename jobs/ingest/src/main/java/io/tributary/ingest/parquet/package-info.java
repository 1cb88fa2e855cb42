/** Files of Parquet. */
package io.tributary.ingest.parquet;
