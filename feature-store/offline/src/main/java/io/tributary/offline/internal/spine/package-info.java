/** The label rows of a training set. */
package io.tributary.offline.internal.spine;
