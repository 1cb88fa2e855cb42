/** The runner on a Spark session. */
package io.tributary.rows.spark;
