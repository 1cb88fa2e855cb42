/** Where a source's deliveries come from: files, and ranges of growing tables. */
package io.tributary.source.place;
