/**
 * What a user wrote, checked: a project's definitions as records. No engine and no data in here.
 */
package io.tributary.definition;
