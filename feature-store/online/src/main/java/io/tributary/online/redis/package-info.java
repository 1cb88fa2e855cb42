/** The online store of a Redis server: rows in hashes of about a hundred, and a pointer a view. */
package io.tributary.online.redis;
