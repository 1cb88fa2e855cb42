/** CSV files as lines of typed values. */
package io.tributary.source.csv;
