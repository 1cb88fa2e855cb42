/** How expressions are resolved and compiled; not for other modules. */
package io.tributary.expression.internal;
