package io.tributary.online;

/** A column of a stored view: its name and its type in DDL. */
public record Field(String name, String type) {}
