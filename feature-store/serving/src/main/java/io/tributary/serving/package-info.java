/** Published features over HTTP. */
package io.tributary.serving;
