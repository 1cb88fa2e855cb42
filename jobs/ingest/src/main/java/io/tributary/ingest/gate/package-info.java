/** What is admitted of a delivery, and what was measured of it. */
package io.tributary.ingest.gate;
