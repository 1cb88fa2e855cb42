/** The online store of immutable SST files and numbered manifests in a folder. */
package io.tributary.online.rocksdb;
