/**
 * The online store: the newest published value of each entity, read by key. No Spark session in
 * here.
 */
package io.tributary.online;
