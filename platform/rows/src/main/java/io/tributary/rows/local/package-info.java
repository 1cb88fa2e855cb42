/** The runner on the threads of this process, without a Spark session. */
package io.tributary.rows.local;
