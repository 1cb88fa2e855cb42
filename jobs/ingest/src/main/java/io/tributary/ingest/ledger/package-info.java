/** Which deliveries a source has handed over, and what became of them. */
package io.tributary.ingest.ledger;
