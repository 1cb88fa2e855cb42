/** The runtime of jobs: the runner, main classes and their options, progress. */
package io.tributary.runtime;
