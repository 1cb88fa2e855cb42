package io.tributary.online;

import java.io.Serializable;

/** A column of a stored view: its name and its type in DDL. */
public record StoredColumn(String name, String type) implements Serializable {}
