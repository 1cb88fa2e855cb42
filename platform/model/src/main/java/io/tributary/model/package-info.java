/**
 * What training and scoring share: the signature of a model, the fitted preprocessing, the network,
 * the bundle that holds them, and the measures by which a model is judged. No Spark in here.
 */
package io.tributary.model;
