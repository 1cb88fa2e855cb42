/** Who may ask a server: bearer tokens, kept in the lake without their secrets. */
package io.tributary.serving.access;
