/** {@code tributary serve}, with features that are computed on demand. */
package io.tributary.serve;
