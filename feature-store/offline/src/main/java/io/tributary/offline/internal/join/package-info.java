/** Features of label rows, in as few shuffles as their keys allow. */
package io.tributary.offline.internal.join;
