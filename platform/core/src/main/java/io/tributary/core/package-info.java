/**
 * The vocabulary that every other module speaks: names, versions, intervals, runs, results, errors.
 * No engine in here.
 */
package io.tributary.core;
