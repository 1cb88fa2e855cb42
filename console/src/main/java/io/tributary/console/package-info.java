/**
 * The light commands of {@code tributary}: they load no Spark class and answer in about a second.
 */
package io.tributary.console;
