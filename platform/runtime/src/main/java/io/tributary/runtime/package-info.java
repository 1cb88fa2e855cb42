/** What jobs stand on: jobs and their runner, main classes and their options, progress. */
package io.tributary.runtime;
