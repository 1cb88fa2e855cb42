/** Monitoring: the questions about a model's scores in an interval, and their stored verdicts. */
package io.tributary.monitor;
