/**
 * The online store: the newest published value of each entity, read by key. No Spark session in
 * here, and nothing of where values are kept: {@link io.tributary.online.OnlineStores} opens a
 * store by its address.
 */
package io.tributary.online;
