/**
 * The catalogue of expectations that suites may have: a class each, and a line in {@link
 * io.tributary.quality.expectation.Expectations}. Nothing in here knows how they are computed.
 */
package io.tributary.quality.expectation;
