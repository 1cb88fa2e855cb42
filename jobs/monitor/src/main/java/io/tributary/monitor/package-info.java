/** The four questions that are asked of a model each night, and their stored verdicts. */
package io.tributary.monitor;
