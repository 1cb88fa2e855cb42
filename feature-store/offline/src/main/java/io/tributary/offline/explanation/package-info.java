/** What an explanation of a feature's value consists of. */
package io.tributary.offline.explanation;
