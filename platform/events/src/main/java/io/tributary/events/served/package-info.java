/** What servers recorded of what they answered: tables in the lake, without Spark. */
package io.tributary.events.served;
