package io.tributary.drift;

/**
 * A model's input and what it comes from, such as its feature view: a partner from elsewhere still
 * says something where the whole view is wrong.
 */
public record InputName(String name, String group) {}
