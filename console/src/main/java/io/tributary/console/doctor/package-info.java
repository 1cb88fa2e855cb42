/** Checks of the health of a machine, a project and its lake. No Spark. */
package io.tributary.console.doctor;
