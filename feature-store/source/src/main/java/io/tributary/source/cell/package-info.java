/** Text as values of one type. */
package io.tributary.source.cell;
