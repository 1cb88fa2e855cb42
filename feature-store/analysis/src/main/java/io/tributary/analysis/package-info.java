/**
 * A project checked as a whole: what its definitions' columns, features and expressions are of
 * type, what each is made of, and what it means, whatever its spelling.
 */
package io.tributary.analysis;
