package io.tributary.online;

/** A column of a stored view: its name and its type in DDL. */
public record StoredColumn(String name, String type) {}
