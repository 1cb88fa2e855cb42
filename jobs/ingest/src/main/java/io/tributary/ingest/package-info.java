/** Deliveries to bronze, through the gate, to validated or quarantine. */
package io.tributary.ingest;
