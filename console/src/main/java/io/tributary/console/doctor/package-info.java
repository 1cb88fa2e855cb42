/** What is well with a machine, a project and its lake, and what is not. No Spark. */
package io.tributary.console.doctor;
