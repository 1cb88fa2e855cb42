package io.tributary.model;

/**
 * What one pass over the training rows gave.
 *
 * @param epoch from 1
 * @param trainLoss the mean log loss over its batches, each as it was before its step, with dropout
 * @param validationLoss the log loss on the validation rows after it
 * @param best whether no earlier epoch had a smaller validation loss
 */
public record Epoch(int epoch, double trainLoss, double validationLoss, boolean best) {}
