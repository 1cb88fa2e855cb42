/** What a lake is called and which format it has, and how an older one is brought up to date. */
package io.tributary.events.lake;
