/** What a lake keeps of the definitions that its runs used, and which meaning each version has. */
package io.tributary.events.definitions;
