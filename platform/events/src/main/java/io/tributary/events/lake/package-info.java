/** The identity and format of a lake, and upgrades of older formats. */
package io.tributary.events.lake;
