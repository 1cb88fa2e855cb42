/** Files of JSON, an object a line. */
package io.tributary.source.json;
