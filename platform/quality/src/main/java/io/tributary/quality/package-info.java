/**
 * Suites of expectations, the gate that judges rows by them, verdicts and metrics. Deequ is known
 * in here only.
 */
package io.tributary.quality;
