/** Notices of breaches, kept in the lake until their receivers have them. */
package io.tributary.notify;
