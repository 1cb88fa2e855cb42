/** The command line: every command, what it needs, and how its failure is reported. */
package io.tributary.core.command;
