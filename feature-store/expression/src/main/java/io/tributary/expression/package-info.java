/**
 * SQL expressions under one fixed profile: parsed, typed, compiled and evaluated by Catalyst
 * without a session.
 */
package io.tributary.expression;
