/** Pages that a browser opens from a file, without a network. */
package io.tributary.report;
