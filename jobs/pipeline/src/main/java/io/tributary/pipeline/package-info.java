/** The nightly flow in one process: the only module that sees several jobs. */
package io.tributary.pipeline;
