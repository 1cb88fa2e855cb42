/**
 * Models, their versions and what became of them: events folded into state, and the
 * content-addressed store of their artefacts. No Spark.
 */
package io.tributary.registry;
