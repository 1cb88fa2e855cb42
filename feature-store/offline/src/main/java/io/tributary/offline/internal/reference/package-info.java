/** The point-in-time contract read word by word, without the engine and without Spark. */
package io.tributary.offline.internal.reference;
