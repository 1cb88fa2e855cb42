/**
 * The model registry: models and their versions, folded from events, and the content-addressed
 * store of their artefacts. No Spark.
 */
package io.tributary.registry;
