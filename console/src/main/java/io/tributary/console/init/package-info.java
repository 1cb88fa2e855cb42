/** A new project, guessed from a file. No Spark. */
package io.tributary.console.init;
