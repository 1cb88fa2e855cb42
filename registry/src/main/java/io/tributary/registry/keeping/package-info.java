/** What of a lake somebody may still need, and what nobody does. No Spark. */
package io.tributary.registry.keeping;
