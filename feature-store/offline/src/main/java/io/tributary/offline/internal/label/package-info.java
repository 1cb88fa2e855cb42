/** The labels of label rows, of three kinds, and the events that they share with features. */
package io.tributary.offline.internal.label;
