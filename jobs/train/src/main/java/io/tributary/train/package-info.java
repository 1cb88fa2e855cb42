/** Training: a training set's rows in, a registered model version out. */
package io.tributary.train;
