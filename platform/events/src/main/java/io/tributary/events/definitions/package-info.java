/** The definitions that a lake's runs used, and the meaning of each version. */
package io.tributary.events.definitions;
