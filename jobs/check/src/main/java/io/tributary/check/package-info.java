/** What can be known of a project without doing its work. */
package io.tributary.check;
