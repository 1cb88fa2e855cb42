/** Values and lines of files that are text: how they are unpacked, decoded and understood. */
package io.tributary.ingest.text;
