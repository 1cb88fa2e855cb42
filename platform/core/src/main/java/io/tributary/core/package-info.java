/**
 * The vocabulary of all other modules: names, versions, intervals, runs, results, errors. No
 * engine.
 */
package io.tributary.core;
