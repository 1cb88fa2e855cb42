/** What the command line has: every command, what it needs, and how one that fails says so. */
package io.tributary.core.command;
