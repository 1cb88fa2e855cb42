package io.tributary.monitor.internal;

/** Internal to a job, for the test that shows that another module may not use it. */
public interface Hidden {}
