/** Stored bytes as text, and text as records and cells. */
package io.tributary.text;
