/** What the gate has held back, and a person's decisions on it. */
package io.tributary.ingest.quarantine;
