/**
 * SQL expressions under one fixed profile, and projects checked against it: parsed, typed, compiled
 * and evaluated by Catalyst without a session.
 */
package io.tributary.expression;
